using Dates
span(day) = [day]
span(start, stop) = collect(start:Day(1):stop)
parse_days(text) = span(Date.(split(text, ".."))...)
