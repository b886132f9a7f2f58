using Dates

function span_text(from, to)
    years, rest = divrem(Dates.value(to - from), 365)
    months, days = divrem(rest, 30)
    counts = (years => "year", months => "month", days => "day")
    parts = [n == 1 ? "1 $unit" : "$n $(unit)s" for (n, unit) in counts if n > 0]
    return isempty(parts) ? "0 days" : join(parts, ", ")
end
