using Dates

function split_months(from, to)
    parts = Tuple{Date,Date}[]
    start = from
    while start <= to
        stop = min(lastdayofmonth(start), to)
        push!(parts, (start, stop))
        start = stop + Day(1)
    end
    return parts
end
