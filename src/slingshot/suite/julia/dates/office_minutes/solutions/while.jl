using Dates

function office_minutes(from, to, holidays)
    minutes = 0
    day = Date(from)
    while day <= Date(to)
        if dayofweek(day) < 6 && !(day in holidays)
            opened = day == Date(from) ? max(Time(from), Time(9)) : Time(9)
            closed = day == Date(to) ? min(Time(to), Time(17)) : Time(17)
            if opened < closed
                minutes += Dates.value(closed - opened) ÷ 60_000_000_000
            end
        end
        day += Day(1)
    end
    return minutes
end
