using Dates
function parse_days(text)
    occursin("..", text) || return [Date(text)]
    start, stop = Date.(split(text, ".."))
    return [start + Day(i) for i in 0:Dates.value(stop - start)]
end
