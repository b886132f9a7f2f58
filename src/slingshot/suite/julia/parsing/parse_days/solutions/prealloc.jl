using Dates
function parse_days(text)
    ends = split(text, "..")
    start, stop = Date(first(ends)), Date(last(ends))
    days = Vector{Date}(undef, max(0, Dates.value(stop - start) + 1))
    for i in eachindex(days)
        days[i] = start + Day(i - 1)
    end
    return days
end
