function parse_span(text)
    h = m = s = 0
    for part in split(text)
        n, unit = parse(Int, chop(part)), last(part)
        unit == 'h' ? (h += n) : unit == 'm' ? (m += n) : (s += n)
    end
    return (h * 60 + m) * 60 + s
end
