using Dates
days_from(a, b) = a > b ? Date[] : [a; days_from(a + Day(1), b)]
function parse_days(text)
    ends = split(text, "..")
    return days_from(Date(ends[1]), Date(ends[end]))
end
