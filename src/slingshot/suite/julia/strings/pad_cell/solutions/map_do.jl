function pad_cell(text, width)
    chars = collect(text)
    cell = map(1:width) do column
        column > length(chars) && return ' '
        column == width < length(chars) && return '~'
        return chars[column]
    end
    return String(cell)
end
