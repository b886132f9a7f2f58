function parse_pairs(line)
    keys = String[]
    values = String[]
    for piece in filter(p -> occursin('=', p), split(line, ';'))
        key, value = split(piece, '='; limit=2)
        push!(keys, strip(key))
        push!(values, strip(value))
    end
    return Dict(zip(keys, values))
end
