using Dates

const DAY = Dates.value(Nanosecond(Day(1)))

# A Time is held as the number of nanoseconds since midnight.
function shift_hours(from, to)
    nanoseconds = mod(Dates.value(to) - Dates.value(from), DAY)
    return 24 * nanoseconds / DAY
end
