"""
Fit `text` into a table cell of `width` characters.
"""
pad_cell(text, width) = fit(text, width; mark="~", filler=" ")

function fit(text, width; mark, filler)
    spare = width - length(text)
    spare < 0 && return first(text, width - length(mark)) * mark
    return text * filler^spare
end
