function parse_pairs(line)
    result = Dict{String,String}()
    for piece in split(line, ';')
        i = findfirst('=', piece)
        i === nothing && continue
        result[strip(piece[1:i-1])] = strip(piece[i+1:end])
    end
    return result
end
