function fill_letter(template, values)
    text = replace(replace(template, "{{" => '\x01'), "}}" => '\x02')
    text = replace(text, r"\{\w+\}" => field -> string(get(values, chop(field, head=1, tail=1), field)))
    return replace(replace(text, '\x01' => "{"), '\x02' => "}")
end
