using Dates

function shift_hours(from, to)
    worked = to - from
    while worked < Nanosecond(0)
        worked += Nanosecond(Day(1))
    end
    return worked / Nanosecond(Hour(1))
end
