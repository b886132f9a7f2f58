function parse_pairs(line)
    halves = [split(piece, '='; limit=2) for piece in split(line, ';')]
    return Dict(strip(h[1]) => strip(h[2]) for h in halves if length(h) == 2)
end
