function pad_cell(text, width)
    n = sizeof(text)
    n > width && return first(text, width - 1) * "~"
    return text * " "^(width - n)
end
