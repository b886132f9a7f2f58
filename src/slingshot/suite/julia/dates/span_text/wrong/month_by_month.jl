using Dates

function span_text(from, to)
    months, day = 0, from
    while day + Month(1) <= to
        day += Month(1)
        months += 1
    end
    counts = (months ÷ 12 => "year", months % 12 => "month", Dates.value(to - day) => "day")
    parts = [n == 1 ? "1 $unit" : "$n $(unit)s" for (n, unit) in counts if n > 0]
    return isempty(parts) ? "0 days" : join(parts, ", ")
end
