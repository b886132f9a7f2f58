function parse_span(text)
    seconds_per = (h=n -> 3600n, m=n -> 60n, s=identity)
    total = 0
    for part in split(text)
        in_seconds = seconds_per[Symbol(part[end])]
        total += in_seconds(parse(Int, part[1:end-1]))
    end
    return total
end
