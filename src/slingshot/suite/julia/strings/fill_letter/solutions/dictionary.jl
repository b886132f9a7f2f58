function fill_letter(template, values)
    marks = Dict{String,Any}("{{" => "{", "}}" => "}")
    for (name, value) in values
        marks["{$name}"] = value
    end
    return replace(template, r"\{\{|\}\}|\{\w+\}" => mark -> string(get(marks, mark, mark)))
end
