using Dates

"""
    open_until(moment, start, holidays)

Minutes of office time from the morning of the day `start` to `moment`.
"""
function open_until(moment, start, holidays)
    is_open(day) = dayofweek(day) < 6 && !(day in holidays)
    whole_days = count(is_open, start:Day(1):Date(moment)-Day(1))
    is_open(Date(moment)) || return 480 * whole_days
    today = 60 * hour(moment) + minute(moment) - 9 * 60
    return 480 * whole_days + clamp(today, 0, 480)
end

function office_minutes(from, to, holidays)
    from >= to && return 0
    start = Date(from)
    return open_until(to, start, holidays) - open_until(from, start, holidays)
end
