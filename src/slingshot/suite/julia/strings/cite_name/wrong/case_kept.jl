function cite_name(name)
    words = split(name)
    length(words) < 2 && return join(words)
    return words[end] * ", " * join([first(w) * "." for w in words[1:end-1]], " ")
end
