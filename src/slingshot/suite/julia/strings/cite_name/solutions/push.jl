function cite_name(name)
    words = split(name)
    length(words) <= 1 && return strip(name)
    parts = [words[end] * ","]
    for w in words[1:end-1]
        push!(parts, uppercase(w[1:1]) * ".")
    end
    return join(parts, " ")
end
