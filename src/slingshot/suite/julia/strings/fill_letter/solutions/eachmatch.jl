function fill_letter(template, values)
    letter = ""
    position = 1
    for found in eachmatch(r"\{\{|\}\}|\{(\w+)\}", template)
        letter *= SubString(template, position, prevind(template, found.offset))
        name = found.captures[1]
        if name === nothing
            letter *= found.match[1]
        else
            letter *= string(get(values, name, found.match))
        end
        position = found.offset + ncodeunits(found.match)
    end
    return letter * SubString(template, position)
end
