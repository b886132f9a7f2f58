function cite_name(name)
    words = split(name)
    length(words) < 2 && return join(words)
    initials = [uppercase(first(w)) * "." for w in words[1:end-1]]
    return last(words) * ", " * join(initials, " ")
end
