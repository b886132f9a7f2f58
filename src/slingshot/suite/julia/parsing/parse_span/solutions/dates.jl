using Dates
function parse_span(text)
    total = Second(0)
    for part in split(text)
        n = parse(Int, chop(part))
        period = endswith(part, "h") ? Hour(n) : endswith(part, "m") ? Minute(n) : Second(n)
        total += convert(Second, period)
    end
    return Dates.value(total)
end
