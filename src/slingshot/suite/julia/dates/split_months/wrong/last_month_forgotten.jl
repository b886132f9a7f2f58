using Dates

function split_months(from, to)
    periods = Tuple{Date,Date}[]
    while lastdayofmonth(from) <= to
        push!(periods, (from, lastdayofmonth(from)))
        from = lastdayofmonth(from) + Day(1)
    end
    return periods
end
