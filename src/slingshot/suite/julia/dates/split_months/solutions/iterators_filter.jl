using Dates

function split_months(from, to)
    months = firstdayofmonth(from):Month(1):to
    parts = ((max(from, m), min(to, lastdayofmonth(m))) for m in months)
    return collect(Iterators.filter(part -> part[1] <= part[2], parts))
end
