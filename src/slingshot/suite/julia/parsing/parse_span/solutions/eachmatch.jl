function parse_span(text)
    total = 0
    for m in eachmatch(r"(\d+)([hms])", text)
        n = parse(Int, m[1])
        total += m[2] == "h" ? 3600n : m[2] == "m" ? 60n : n
    end
    return total
end
