using Dates
parse_days(text) = Date.(split(text, ".."))
