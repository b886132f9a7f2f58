function pad_cell(text, width)
    padded = text * " "^width
    cell = first(padded, width)
    length(text) <= width && return cell
    return chop(cell) * "~"
end
