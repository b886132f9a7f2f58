pad_cell(text, width) =
    length(text) > width ? first(text, width - 1) * "~" : rpad(text, width)
