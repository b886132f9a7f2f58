using Dates
function parse_days(text)
    start, stop = Date.(split(text, ".."))
    return collect(start:Day(1):stop)
end
