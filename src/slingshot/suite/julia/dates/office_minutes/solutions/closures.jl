using Dates

function office_minutes(from, to, holidays)
    closed(day) = dayofweek(day) > 5 || day in holidays
    opening(day) = max(from, day + Time(9))
    closing(day) = min(to, day + Time(17))
    zero_time = Millisecond(0)
    waited(day) = closed(day) ? zero_time : max(closing(day) - opening(day), zero_time)
    total = mapreduce(waited, +, Date(from):Day(1):Date(to); init=zero_time)
    return Dates.value(total) ÷ 60_000
end
