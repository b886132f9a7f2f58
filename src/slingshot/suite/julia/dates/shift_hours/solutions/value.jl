using Dates

function shift_hours(from, to)
    nanoseconds = Dates.value(to - from)
    if nanoseconds < 0
        nanoseconds += 24 * 3600 * 10^9
    end
    return nanoseconds / (3600 * 10^9)
end
