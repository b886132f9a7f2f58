using Dates

# Hours, minutes and seconds are a number of three digits to the base 60.
seconds_of(time) = foldl((n, part) -> 60n + part(time), (hour, minute, second); init=0)

function shift_hours(from, to)
    seconds = seconds_of(to) - seconds_of(from)
    return mod(seconds, 24 * 60 * 60) / 3600
end
