initial(word) = string(uppercase(first(word)), '.')

function cite_name(name)
    words = split(name)
    length(words) > 1 || return name
    given = words[1:end-1] .|> initial
    return join([words[end] * ","; given], " ")
end
