function pad_cell(text, width)
    length(text) > width && return first(text, width) * "~"
    return text * " "^(width - length(text))
end
