function fill_letter(template, values)
    mark = r"\{\{|\}\}|\{\w+\}"
    parts = Any[]
    start = 1
    range = findnext(mark, template, start)
    while range !== nothing
        push!(parts, template[start:prevind(template, first(range))])
        text = template[range]
        if text == "{{" || text == "}}"
            push!(parts, text[1])
        else
            push!(parts, get(values, strip(text, ['{', '}']), text))
        end
        start = nextind(template, last(range))
        range = findnext(mark, template, start)
    end
    push!(parts, template[start:end])
    return join(parts)
end
