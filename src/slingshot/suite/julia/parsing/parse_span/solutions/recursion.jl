function parse_span(text)
    m = match(r"^\s*(\d+)([hms])(.*)$", text)
    m === nothing && return 0
    size = (h=3600, m=60, s=1)[Symbol(m[2])]
    return size * parse(Int, m[1]) + parse_span(m[3])
end
