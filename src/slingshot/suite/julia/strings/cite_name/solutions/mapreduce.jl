function cite_name(name)
    words = split(name)
    isempty(words) && return ""
    surname = pop!(words)
    isempty(words) && return surname
    return surname * "," * mapreduce(w -> " $(uppercase(w[1])).", *, words)
end
