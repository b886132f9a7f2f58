using Dates

function office_minutes(from, to, holidays)
    minutes = 0
    for day in Date(from):Day(1):Date(to)
        dayofweek(day) > 5 && continue
        open_for = min(to, day + Time(17)) - max(from, day + Time(9))
        minutes += max(0, open_for ÷ Millisecond(Minute(1)))
    end
    return minutes
end
