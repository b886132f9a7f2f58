function parse_pairs(line)
    settings = Dict{String,String}()
    pieces = split(line, ';')
    while !isempty(pieces)
        piece = popfirst!(pieces)
        m = match(r"=", piece)
        m === nothing && continue
        key = SubString(piece, 1, prevind(piece, m.offset))
        value = SubString(piece, m.offset + 1)
        settings[strip(key)] = strip(value)
    end
    return settings
end
