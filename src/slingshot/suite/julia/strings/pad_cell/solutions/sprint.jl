function pad_cell(text, width)
    long = length(text) > width
    sprint() do io
        print(io, long ? first(text, width - 1) : text)
        print(io, long ? "~" : repeat(" ", width - length(text)))
    end
end
