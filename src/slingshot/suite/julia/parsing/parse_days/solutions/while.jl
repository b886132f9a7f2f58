using Dates
function parse_days(text)
    ends = split(text, "..")
    day, stop = Date(ends[1]), Date(ends[end])
    days = Date[]
    while day <= stop
        push!(days, day)
        day += Day(1)
    end
    return days
end
