function parse_span(text)
    total = 0
    for part in split(text)
        n = parse(Int, part[1])
        total += endswith(part, "h") ? 3600n : endswith(part, "m") ? 60n : n
    end
    return total
end
