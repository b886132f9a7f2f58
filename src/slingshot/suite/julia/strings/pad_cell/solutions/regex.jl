function pad_cell(text, width)
    length(text) <= width && return text * " "^(width - length(text))
    head = match(Regex("^.{$(width - 1)}", "s"), text).match
    return "$head~"
end
