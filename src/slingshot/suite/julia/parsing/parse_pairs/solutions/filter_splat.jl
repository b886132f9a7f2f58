function parse_pairs(line)
    pieces = filter(p -> '=' in p, split(line, ';'))
    return Dict(Pair(strip.(split(p, '='; limit=2))...) for p in pieces)
end
