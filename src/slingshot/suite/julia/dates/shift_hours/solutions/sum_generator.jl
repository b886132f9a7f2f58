using Dates

function shift_hours(from, to)
    parts = (hour => 3600, minute => 60, second => 1)
    seconds = sum((part(to) - part(from)) * weight for (part, weight) in parts)
    seconds < 0 && (seconds += 86400)
    return seconds / 3600
end
