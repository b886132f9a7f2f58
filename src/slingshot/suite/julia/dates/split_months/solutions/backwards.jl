using Dates

function split_months(from, to)
    parts = Tuple{Date,Date}[]
    stop = to
    while stop >= from
        start = max(from, firstdayofmonth(stop))
        pushfirst!(parts, (start, stop))
        stop = start - Day(1)
    end
    return parts
end
