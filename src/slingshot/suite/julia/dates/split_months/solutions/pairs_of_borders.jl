using Dates

function split_months(from, to)
    borders = filter(d -> from < d <= to, firstdayofmonth(from):Month(1):to)
    starts = from <= to ? [from; borders] : Date[]
    return [
        (start, i < length(starts) ? starts[i+1] - Day(1) : to)
        for (i, start) in enumerate(starts)
    ]
end
