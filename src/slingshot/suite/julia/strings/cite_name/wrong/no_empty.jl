function cite_name(name)
    words = split(name)
    surname = pop!(words)
    isempty(words) && return surname
    return surname * ", " * join([uppercase(w[1]) * "." for w in words], " ")
end
