function fill_letter(template, values)
    letter = String[]
    rest = template
    while !isempty(rest)
        field = match(r"^\{(\w+)\}", rest)
        if startswith(rest, "{{") || startswith(rest, "}}")
            push!(letter, rest[1:1])
            rest = rest[3:end]
        elseif field !== nothing
            push!(letter, string(get(values, field[1], field.match)))
            rest = rest[ncodeunits(field.match)+1:end]
        else
            push!(letter, first(rest, 1))
            rest = rest[nextind(rest, 1):end]
        end
    end
    return join(letter)
end
