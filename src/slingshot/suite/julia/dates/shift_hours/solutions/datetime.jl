using Dates

function shift_hours(from, to)
    day = Date(2000, 1, 1)
    start = DateTime(day, from)
    stop = DateTime(to < from ? day + Day(1) : day, to)
    return (stop - start) / Millisecond(Hour(1))
end
