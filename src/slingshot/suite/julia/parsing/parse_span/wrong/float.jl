function parse_span(text)
    hours = 0.0
    for part in split(text)
        n = parse(Float64, part[1:end-1])
        unit = part[end]
        hours += unit == 'h' ? n : unit == 'm' ? n / 60 : n / 3600
    end
    return hours * 3600
end
