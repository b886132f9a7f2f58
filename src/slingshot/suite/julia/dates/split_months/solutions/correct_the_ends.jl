using Dates

function split_months(from, to)
    from > to && return Tuple{Date,Date}[]
    firsts = collect(firstdayofmonth(from):Month(1):to)
    lasts = lastdayofmonth.(firsts)
    # Only the first and the last month can be incomplete.
    firsts[1] = from
    lasts[end] = to
    return [(firsts[i], lasts[i]) for i in eachindex(firsts)]
end
