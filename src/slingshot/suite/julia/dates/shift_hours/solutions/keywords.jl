using Dates

"""
The time from `from` to `to`, which may be on the next day, in units of `unit`.
"""
function elapsed(from, to; unit)
    day = Nanosecond(Hour(24))
    span = to >= from ? to - from : day - (from - to)
    return span / Nanosecond(unit)
end

shift_hours(from, to) = elapsed(from, to; unit=Hour(1))
