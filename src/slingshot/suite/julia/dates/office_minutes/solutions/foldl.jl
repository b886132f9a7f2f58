using Dates

is_open(day, holidays) = dayofweek(day) in Monday:Friday && !(day in holidays)

function office_minutes(from, to, holidays)
    foldl(Date(from):Day(1):Date(to); init=0) do minutes, day
        is_open(day, holidays) || return minutes
        span = min(to, DateTime(day) + Hour(17)) - max(from, DateTime(day) + Hour(9))
        minutes + max(0, span ÷ Millisecond(Minute(1)))
    end
end
