using Dates

function office_minutes(from, to, holidays)
    days = filter(d -> dayofweek(d) < 6 && !(d in holidays), Date(from):Day(1):Date(to))
    spans = [min(to, d + Time(17)) - max(from, d + Time(9)) for d in days]
    return isempty(spans) ? 0 : sum(spans) ÷ Millisecond(Minute(1))
end
