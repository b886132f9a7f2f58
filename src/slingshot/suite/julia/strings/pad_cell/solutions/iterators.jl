function pad_cell(text, width)
    length(text) > width && return join(Iterators.take(text, width - 1)) * '~'
    spaces = Iterators.repeated(' ', width - length(text))
    return join(Iterators.flatten((text, spaces)))
end
