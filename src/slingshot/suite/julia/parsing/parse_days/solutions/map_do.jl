using Dates
function parse_days(text)
    ends = Date.(split(text, ".."))
    count = Dates.value(ends[end] - ends[1])
    return map(0:count) do offset
        ends[1] + Day(offset)
    end
end
