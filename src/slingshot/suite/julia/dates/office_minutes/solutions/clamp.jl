using Dates

function office_minutes(from, to, holidays)
    to <= from && return 0
    total = Millisecond(0)
    for day in Date(from):Day(1):Date(to)
        dayofweek(day) in (6, 7) && continue
        day in holidays && continue
        opens, closes = day + Time(9), day + Time(17)
        total += clamp(to, opens, closes) - clamp(from, opens, closes)
    end
    return total ÷ Millisecond(Minute(1))
end
