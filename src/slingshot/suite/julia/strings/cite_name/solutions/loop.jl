function cite_name(name)
    words = split(name)
    isempty(words) && return ""
    text = words[end]
    for (i, w) in enumerate(words[1:end-1])
        text *= (i == 1 ? ", " : " ") * uppercase(w[1]) * "."
    end
    return text
end
