function pad_cell(text, width)
    cell = fill(' ', width)
    for (i, c) in zip(1:width, text)
        cell[i] = c
    end
    length(text) > width && (cell[end] = '~')
    return String(cell)
end
