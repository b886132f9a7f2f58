shorten(text, width) = length(text) > width ? first(text, width - 1) * "~" : text
fill_up(text, width) = text * repeat(" ", width - length(text))

pad_cell(text, width) = fill_up(shorten(text, width), width)
