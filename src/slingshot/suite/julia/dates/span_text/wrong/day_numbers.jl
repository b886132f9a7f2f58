using Dates

function span_text(from, to)
    months = 12 * (year(to) - year(from)) + month(to) - month(from)
    day(to) < day(from) && (months -= 1)
    days = Dates.value(to - (from + Month(months)))
    counts = (months ÷ 12 => "year", months % 12 => "month", days => "day")
    parts = [n == 1 ? "1 $unit" : "$n $(unit)s" for (n, unit) in counts if n > 0]
    return isempty(parts) ? "0 days" : join(parts, ", ")
end
