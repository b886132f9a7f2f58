using Dates

function split_months(from, to)
    from > to && return Tuple{Date,Date}[]
    months = firstdayofmonth(from):Month(1):to
    return tuple.(max.(from, months), min.(to, lastdayofmonth.(months)))
end
