using Dates
function parse_days(text)
    toint(s) = parse.(Int, split(s, '-'))
    days = [Date(toint(s)...) for s in split(text, "..")]
    length(days) == 1 ? days : [d for d in days[1]:Day(1):days[2]]
end
