function cite_name(name)
    words = split(name, " ")
    length(words) < 2 && return name
    initials = [isempty(w) ? "." : uppercase(w[1]) * "." for w in words[1:end-1]]
    return words[end] * ", " * join(initials, " ")
end
