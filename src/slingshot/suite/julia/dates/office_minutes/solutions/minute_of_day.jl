using Dates

# A moment as minutes after opening, at least 0 and at most the 480 of a whole day.
minute_of_office_day(t) = clamp(60 * (hour(t) - 9) + minute(t), 0, 480)

function office_minutes(from, to, holidays)
    from < to || return 0
    days = [d for d in Date(from):Day(1):Date(to) if dayofweek(d) < 6 && !(d in holidays)]
    total = 480 * length(days)
    Date(from) in days && (total -= minute_of_office_day(from))
    Date(to) in days && (total -= 480 - minute_of_office_day(to))
    return total
end
