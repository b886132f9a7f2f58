function fill_letter(template, values)
    text = template
    for (name, value) in sort(collect(values); by=first)
        occursin(r"^\w+$", name) && (text = replace(text, "{$name}" => string(value)))
    end
    return replace(replace(text, "{{" => "{"), "}}" => "}")
end
