using Dates

function office_minutes(from, to, holidays)
    open_at(t) = dayofweek(t) < 6 && !(Date(t) in holidays) && 9 <= hour(t) < 17
    return count(open_at, from:Minute(1):to)
end
