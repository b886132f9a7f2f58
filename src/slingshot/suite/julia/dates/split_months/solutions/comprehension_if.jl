using Dates

function split_months(from, to)
    clipped(start, stop) = (max(start, from), min(stop, to))
    months = firstdayofmonth(from):Month(1):lastdayofmonth(to)
    return [clipped(month, lastdayofmonth(month)) for month in months if from <= to]
end
