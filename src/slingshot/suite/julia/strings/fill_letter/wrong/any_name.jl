function fill_letter(template, values)
    fill_mark(mark) =
        mark == "{{" ? "{" : mark == "}}" ? "}" : string(get(values, chop(mark, head=1, tail=1), mark))
    return replace(template, r"\{\{|\}\}|\{[^{}]*\}" => fill_mark)
end
