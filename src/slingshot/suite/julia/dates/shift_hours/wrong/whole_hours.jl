using Dates

function shift_hours(from, to)
    hours = hour(to) - hour(from)
    return float(hours < 0 ? hours + 24 : hours)
end
