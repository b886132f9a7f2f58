using Dates

function office_minutes(from, to, holidays)
    days = filter(d -> dayofweek(d) < 6 && !(d in holidays), Date(from):Day(1):Date(to))
    return mapreduce(+, days; init=0) do day
        waited = min(to, day + Time(17)) - max(from, day + Time(9))
        max(0, Dates.value(waited) ÷ 60_000)
    end
end
