function cite_name(name)
    words = split(name)
    isempty(words) && return ""
    initials = join((uppercase(w[1]) * "." for w in words[1:end-1]), " ")
    return "$(words[end]), $initials"
end
