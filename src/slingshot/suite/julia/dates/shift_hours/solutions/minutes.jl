using Dates

function shift_hours(from, to)
    minutes(t) = 60 * hour(t) + minute(t) + second(t) / 60
    worked = minutes(to) - minutes(from)
    return (worked >= 0 ? worked : worked + 24 * 60) / 60
end
