function pad_cell(text, width)
    length(text) > width && return text[1:width-1] * "~"
    return text * " "^(width - length(text))
end
