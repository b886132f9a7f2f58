using Dates
function parse_days(text)
    ends = split(text, "..")
    return Date(ends[1]):Day(1):Date(ends[end])
end
