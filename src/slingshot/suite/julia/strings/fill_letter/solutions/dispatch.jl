struct Brace
    char::Char
end

struct Field
    name::String
end

fill_in(brace::Brace, values) = string(brace.char)
fill_in(field::Field, values) = string(get(values, field.name, "{$(field.name)}"))

parse_mark(mark) = mark in ("{{", "}}") ? Brace(mark[1]) : Field(strip(mark, ['{', '}']))

function fill_letter(template, values)
    write_mark(mark) = fill_in(parse_mark(mark), values)
    return replace(template, r"\{\{|\}\}|\{\w+\}" => write_mark)
end
