function fill_letter(template, values)
    input, output = IOBuffer(template), IOBuffer()
    while !eof(input)
        c = read(input, Char)
        if c in ('{', '}') && !eof(input) && peek(input, Char) == c
            print(output, read(input, Char))
        elseif c == '{'
            start = position(input)
            name = readuntil(input, '}'; keep=true)
            if occursin(r"^\w+\}$", name)
                print(output, get(values, chop(name), "{" * name))
            else
                print(output, c)
                seek(input, start)
            end
        else
            print(output, c)
        end
    end
    return String(take!(output))
end
