using Dates

function split_months(from, to)
    days = from:Month(1):to
    return [(max(from, firstdayofmonth(day)), min(to, lastdayofmonth(day))) for day in days]
end
