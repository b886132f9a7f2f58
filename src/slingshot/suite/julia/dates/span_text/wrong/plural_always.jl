using Dates

function span_text(from, to)
    months = 12 * (year(to) - year(from)) + month(to) - month(from)
    from + Month(months) > to && (months -= 1)
    days = Dates.value(to - (from + Month(months)))
    counts = (months ÷ 12 => "years", months % 12 => "months", days => "days")
    parts = ["$n $units" for (n, units) in counts if n > 0]
    return isempty(parts) ? "0 days" : join(parts, ", ")
end
