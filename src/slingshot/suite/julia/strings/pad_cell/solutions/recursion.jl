function pad_cell(text, width)
    n = length(text)
    n == width && return text
    n < width && return pad_cell(text * " ", width)
    return chop(text, tail=n - width + 1) * "~"
end
