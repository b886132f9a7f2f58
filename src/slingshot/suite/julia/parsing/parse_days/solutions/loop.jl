using Dates
function parse_days(text)
    start, stop = Date.(split(text, "..")[[1, end]])
    days = Date[]
    for day in start:Day(1):stop
        push!(days, day)
    end
    return days
end
