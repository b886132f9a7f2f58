function fill_letter(template, values)
    fill_mark(mark) =
        mark == "{{" ? "{" : mark == "}}" ? "}" : string(get(values, mark[2:end-1], mark))
    return replace(template, r"\{\{|\}\}|\{\w+\}" => fill_mark)
end
