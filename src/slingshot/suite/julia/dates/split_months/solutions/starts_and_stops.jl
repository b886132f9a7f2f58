using Dates

function split_months(from, to)
    from <= to || return Tuple{Date,Date}[]
    later_starts = filter(d -> day(d) == 1, from+Day(1):Day(1):to)
    starts = [from; later_starts]
    stops = [later_starts .- Day(1); to]
    return collect(zip(starts, stops))
end
