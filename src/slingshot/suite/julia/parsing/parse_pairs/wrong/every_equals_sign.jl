function parse_pairs(line)
    result = Dict{String,String}()
    for piece in split(line, ';')
        parts = split(piece, '=')
        if length(parts) == 2
            result[strip(parts[1])] = strip(parts[2])
        end
    end
    return result
end
