using Dates

shift_hours(from, to) = (to - from) / Nanosecond(Hour(1))
