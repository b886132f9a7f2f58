using Dates
# A text has one or two ends; a missing second end is the first one again.
parse_days(start::Date, stop::Date=start) = collect(start:Day(1):stop)

function parse_days(text)
    ends = map(Date, split(text, ".."))
    return parse_days(ends...)
end
