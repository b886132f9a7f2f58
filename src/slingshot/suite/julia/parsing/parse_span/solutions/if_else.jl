function parse_span(text)
    h = m = s = 0
    for part in split(text)
        n = parse(Int, chop(part))
        endswith(part, "h") && (h += n)
        endswith(part, "m") && (m += n)
        endswith(part, "s") && (s += n)
    end
    return (h * 60 + m) * 60 + s
end
