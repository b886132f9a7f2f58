using Dates
function parse_days(text)
    occursin("..", text) || return [Date(text)]
    start, stop = Date.(split(text, ".."))
    return [Date(year(start), month(start), d) for d in day(start):day(stop)]
end
