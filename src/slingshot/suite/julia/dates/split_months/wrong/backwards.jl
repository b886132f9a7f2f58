using Dates

function split_months(from, to)
    months = firstdayofmonth(from):Month(1):to
    return [(max(from, month), min(to, lastdayofmonth(month))) for month in months]
end
