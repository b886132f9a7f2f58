function parse_pairs(line)
    settings = Dict{String,String}()
    cut_in_two = (split(piece, '='; limit=2) for piece in split(line, ';'))
    for (key, value) in Iterators.filter(parts -> length(parts) == 2, cut_in_two)
        settings[strip(key)] = strip(value)
    end
    return settings
end
