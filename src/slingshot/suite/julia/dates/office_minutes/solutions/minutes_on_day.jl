using Dates

"Minutes at which the office is open on `day` between `from` and `to`."
function minutes_on(day, from, to)
    opened = max(from, DateTime(day, Time(9)))
    closed = min(to, DateTime(day, Time(17)))
    return closed > opened ? Dates.value(closed - opened) ÷ 60_000 : 0
end

function office_minutes(from, to, holidays)
    total = 0
    for day in Date(from):Day(1):Date(to)
        if dayofweek(day) <= Friday && !(day in holidays)
            total += minutes_on(day, from, to)
        end
    end
    return total
end
