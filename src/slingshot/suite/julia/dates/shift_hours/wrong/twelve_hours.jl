using Dates

function shift_hours(from, to)
    hours = (to - from) / Nanosecond(Hour(1))
    return hours < 0 ? hours + 12 : hours
end
