function cite_name(name)
    words = split(name)
    isempty(words) && return ""
    tail = foldl((s, w) -> "$s $(uppercase(w[1])).", words[1:end-1]; init="")
    return isempty(tail) ? words[end] : words[end] * "," * tail
end
