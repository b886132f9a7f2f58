using Dates

function shift_hours(from, to)
    minutes = 60 * (hour(to) - hour(from)) + minute(to) - minute(from)
    return (minutes < 0 ? minutes + 24 * 60 : minutes) / 60
end
