function pad_cell(text, width)
    too_long = length(text) > width
    io = IOBuffer()
    room = too_long ? width - 1 : width
    for c in text
        room == 0 && break
        print(io, c)
        room -= 1
    end
    too_long && print(io, '~')
    print(io, ' '^room)
    return String(take!(io))
end
