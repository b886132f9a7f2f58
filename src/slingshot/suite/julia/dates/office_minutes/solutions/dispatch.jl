using Dates

struct Span
    from::DateTime
    to::DateTime
end

Span(day::Date) = Span(day + Time(9), day + Time(17))

Base.intersect(a::Span, b::Span) = Span(max(a.from, b.from), min(a.to, b.to))

minutes(span::Span) = max(0, Dates.value(span.to - span.from) ÷ (60 * 1000))

function office_minutes(from, to, holidays)
    waited = Span(from, to)
    total = 0
    for day in Date(from):Day(1):Date(to)
        (dayofweek(day) > 5 || day in holidays) && continue
        total += minutes(waited ∩ Span(day))
    end
    return total
end
