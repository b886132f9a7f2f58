using Dates

function split_months(from, to)
    stops = [d for d in from:Day(1):to if d == to || d == lastdayofmonth(d)]
    isempty(stops) && return Tuple{Date,Date}[]
    starts = vcat(from, stops[1:end-1] .+ Day(1))
    return map(tuple, starts, stops)
end
