function parse_pairs(line)
    result = Dict{String,String}()
    for piece in split(line, "; ")
        occursin('=', piece) || continue
        key, value = split(piece, '='; limit=2)
        result[key] = value
    end
    return result
end
