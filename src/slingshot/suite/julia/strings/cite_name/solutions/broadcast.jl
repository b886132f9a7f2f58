function cite_name(name)
    words = split(name)
    initials = string.(uppercase.(first.(words)), ".")
    length(words) > 1 ? words[end] * ", " * join(initials[1:end-1], " ") : join(words)
end
