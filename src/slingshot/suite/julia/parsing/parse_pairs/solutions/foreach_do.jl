function parse_pairs(line)
    settings = Dict{String,String}()
    foreach(split(line, ';')) do piece
        parts = strip.(split(piece, '='; limit=2))
        if length(parts) > 1
            push!(settings, parts[1] => parts[2])
        end
    end
    return settings
end
