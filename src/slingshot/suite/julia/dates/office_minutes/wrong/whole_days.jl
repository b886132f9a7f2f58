using Dates

function office_minutes(from, to, holidays)
    days = Date(from):Day(1):Date(to)
    return 480 * count(d -> dayofweek(d) < 6 && !(d in holidays), days)
end
