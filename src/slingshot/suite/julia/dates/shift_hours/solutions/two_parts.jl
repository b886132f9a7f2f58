using Dates

in_hours(duration) = Dates.value(duration) / Dates.value(Nanosecond(Hour(1)))

function shift_hours(from, to)
    from <= to && return in_hours(to - from)
    before_midnight = 24 - in_hours(from - Time(0))
    after_midnight = in_hours(to - Time(0))
    return before_midnight + after_midnight
end
