using Dates

function office_minutes(from, to, holidays)
    to <= from && return 0
    day = Date(from)
    tomorrow = DateTime(day + Day(1))
    rest = office_minutes(tomorrow, to, holidays)
    (dayofweek(day) > 5 || day in holidays) && return rest
    waited = min(to, day + Time(17)) - max(from, day + Time(9))
    return max(0, waited ÷ Millisecond(60_000)) + rest
end
