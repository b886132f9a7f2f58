using Dates

"""
    split_months(from, to)

The days from `from` to `to` as one pair of first and last day for each month.
"""
function split_months(from, to)
    parts = Tuple{Date,Date}[]
    to < from && return parts
    while true
        stop = lastdayofmonth(from)
        if stop >= to
            push!(parts, (from, to))
            return parts
        end
        push!(parts, (from, stop))
        from = stop + Day(1)
    end
end
