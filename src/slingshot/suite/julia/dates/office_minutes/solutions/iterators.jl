using Dates

function office_minutes(from, to, holidays)
    weekdays = Iterators.filter(d -> dayofweek(d) <= 5, Date(from):Day(1):Date(to))
    minutes = 0
    for day in Iterators.filter(d -> !(d in holidays), weekdays)
        waited = min(to, day + Time(17)) - max(from, day + Time(9))
        waited > Millisecond(0) && (minutes += Dates.value(waited) ÷ 60_000)
    end
    return minutes
end
