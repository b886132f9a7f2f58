function pad_cell(text, width)
    length(text) <= width && return rpad(text, width)
    head = match(Regex("^.{$(width - 1)}", "s"), text).match
    return "$head~"
end
