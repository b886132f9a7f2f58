using Dates

function split_months(from, to)
    from > to && return Tuple{Date,Date}[]
    return [(month, lastdayofmonth(month)) for month in firstdayofmonth(from):Month(1):to]
end
