using Dates

function shift_hours(from, to)
    hours = 0.0
    for (part, per_hour) in zip((hour, minute, second), (1, 60, 3600))
        hours += (part(to) - part(from)) / per_hour
    end
    return to < from ? hours + 24 : hours
end
