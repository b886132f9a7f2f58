using Dates

function split_months(from, to)
    from > to && return Tuple{Date,Date}[]
    stop = min(to, lastdayofmonth(from))
    return [(from, stop); split_months(stop + Day(1), to)]
end
