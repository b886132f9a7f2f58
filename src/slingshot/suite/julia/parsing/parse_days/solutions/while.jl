using Dates
function parse_days(text)
    parts = split(text, "..")
    day, days = Date(parts[1]), Date[]
    while day <= Date(parts[end])
        push!(days, day)
        day += Day(1)
    end
    return days
end
