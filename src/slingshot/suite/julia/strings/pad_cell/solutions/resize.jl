function pad_cell(text, width)
    cell = collect(text)
    if length(cell) > width
        resize!(cell, width)
        cell[end] = '~'
    else
        append!(cell, fill(' ', width - length(cell)))
    end
    return join(cell)
end
