function parse_span(text)
    m = match(r"^(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?$", text)
    h, min, s = (c === nothing ? 0 : parse(Int, c) for c in m.captures)
    return 3600h + 60min + s
end
