function fill_letter(template, values)
    mark = r"(\{|\})\1|\{(\w+)\}"
    sprint() do io
        rest = SubString(template, 1)
        while (found = match(mark, rest)) !== nothing
            brace, name = found.captures
            print(io, SubString(rest, 1, prevind(rest, found.offset)))
            print(io, brace === nothing ? get(values, name, found.match) : brace)
            rest = SubString(rest, found.offset + ncodeunits(found.match))
        end
        print(io, rest)
    end
end
