is_name_char(c) = isletter(c) || isdigit(c) || c == '_'

function fill_letter(template, values)
    chars = collect(template)
    io = IOBuffer()
    i = 1
    while i <= length(chars)
        c = chars[i]
        if c in "{}" && i < length(chars) && chars[i+1] == c
            print(io, c)
            i += 2
            continue
        end
        stop = i + 1
        while c == '{' && stop <= length(chars) && is_name_char(chars[stop])
            stop += 1
        end
        if c == '{' && i + 1 < stop <= length(chars) && chars[stop] == '}'
            name = String(chars[i+1:stop-1])
            print(io, get(values, name, "{$name}"))
            i = stop + 1
        else
            print(io, c)
            i += 1
        end
    end
    return String(take!(io))
end
