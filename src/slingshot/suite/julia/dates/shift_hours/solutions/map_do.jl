using Dates

function shift_hours(from, to)
    start, stop = map((from, to)) do time
        seconds = Dates.value(Second(time)) + 60 * Dates.value(Minute(time))
        Dates.value(Hour(time)) + seconds / 3600
    end
    return start <= stop ? float(stop - start) : stop + 24 - start
end
