using Dates
function parse_days(text)
    ends = split(text, "..")
    start, stop = Date(ends[1]), Date(ends[end])
    following = (start + Day(i) for i in Iterators.countfrom(0))
    return Date[day for day in Iterators.takewhile(<=(stop), following)]
end
