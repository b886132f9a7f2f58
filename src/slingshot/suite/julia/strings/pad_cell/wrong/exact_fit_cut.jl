function pad_cell(text, width)
    length(text) < width && return text * " "^(width - length(text))
    return first(text, width - 1) * "~"
end
