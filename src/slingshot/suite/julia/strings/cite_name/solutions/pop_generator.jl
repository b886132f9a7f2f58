function cite_name(name)
    given = split(name)
    isempty(given) && return ""
    surname = pop!(given)
    isempty(given) && return surname
    return "$surname, " * join((uppercase(w[1]) * '.' for w in given), ' ')
end
