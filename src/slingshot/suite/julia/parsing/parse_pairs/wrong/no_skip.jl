function parse_pairs(line)
    isempty(line) && return Dict{String,String}()
    result = Dict{String,String}()
    for piece in split(line, ';')
        key, value = split(piece, '='; limit=2)
        result[strip(key)] = strip(value)
    end
    return result
end
