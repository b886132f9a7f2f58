using Dates
function parse_days(text)
    ends = Date.(split(text, ".."))
    length(ends) == 1 && return ends
    return [ends[1] + Day(i) for i in 0:Dates.value(ends[2] - ends[1])-1]
end
