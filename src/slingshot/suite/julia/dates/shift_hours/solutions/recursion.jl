using Dates

function shift_hours(from, to)
    # What a night shift leaves of the day is a shift by day.
    to < from && return 24 - shift_hours(to, from)
    return (to - from) / Nanosecond(Hour(1))
end
