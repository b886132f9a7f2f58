function fill_letter(template, values)
    found = match(r"\{\{|\}\}|\{(\w+)\}", template)
    found === nothing && return string(template)
    before = SubString(template, 1, prevind(template, found.offset))
    after = SubString(template, found.offset + ncodeunits(found.match))
    name = found[1]
    filled = name === nothing ? found.match[1] : get(values, name, found.match)
    return string(before, filled, fill_letter(after, values))
end
