function parse_span(text)
    count_of(u) = sum(Int[parse(Int, chop(p)) for p in split(text) if endswith(p, u)])
    return 3600 * count_of("h") + 60 * count_of("m") + count_of("s")
end
