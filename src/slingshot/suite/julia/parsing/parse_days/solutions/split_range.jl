using Dates
function parse_days(text)
    days = Date.(split(text, ".."))
    return collect(first(days):Day(1):last(days))
end
