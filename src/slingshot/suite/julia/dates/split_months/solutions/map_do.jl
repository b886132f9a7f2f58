using Dates

function split_months(from, to)
    to < from && return Tuple{Date,Date}[]
    map(firstdayofmonth(from):Month(1):firstdayofmonth(to)) do start
        stop = lastdayofmonth(start)
        (start < from ? from : start, stop > to ? to : stop)
    end
end
