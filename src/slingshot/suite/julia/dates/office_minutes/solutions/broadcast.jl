using Dates

function office_minutes(from, to, holidays)
    days = setdiff(Date(from):Day(1):Date(to), holidays)
    days = days[dayofweek.(days) .< 6]
    opened = max.(from, DateTime.(days) .+ Hour(9))
    closed = min.(to, DateTime.(days) .+ Hour(17))
    milliseconds = Dates.value.(closed .- opened)
    return sum(max.(milliseconds, 0)) ÷ 60_000
end
