function fill_letter(template, values)
    mark = r"\{\{|\}\}|\{\w+\}"
    marks = [found.match for found in eachmatch(mark, template)]
    filled = map(marks) do m
        m == "{{" ? "{" : m == "}}" ? "}" : string(get(values, strip(m, ('{', '}')), m))
    end
    texts = split(template, mark)  # one more than there are marks
    return texts[1] * join(filled .* texts[2:end])
end
