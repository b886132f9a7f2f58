function parse_pairs(line)
    foldl(split(line, ';'); init=Dict{String,String}()) do d, piece
        parts = strip.(split(piece, '='; limit=2))
        length(parts) == 2 ? merge(d, Dict(parts[1] => parts[2])) : d
    end
end
