function fill_letter(template, values)
    fill_mark(mark) =
        mark == "{{" ? "{" : mark == "}}" ? "}" : string(get(values, chop(mark, head=1, tail=1), ""))
    return replace(template, r"\{\{|\}\}|\{\w+\}" => fill_mark)
end
