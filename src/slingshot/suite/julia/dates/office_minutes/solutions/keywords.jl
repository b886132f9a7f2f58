using Dates

function office_minutes(from, to, holidays)
    days = Date(from):Day(1):Date(to)
    by_day = (minutes(day, from, to; closed=day in holidays) for day in days)
    return reduce(+, by_day; init=0)
end

function minutes(day, from, to; closed=false, opening=Hour(9), closing=Hour(17))
    (closed || dayofweek(day) >= Saturday) && return 0
    midnight = DateTime(day)
    first_moment = max(from, midnight + opening)
    last_moment = min(to, midnight + closing)
    last_moment <= first_moment && return 0
    return (last_moment - first_moment) ÷ Millisecond(Minute(1))
end
