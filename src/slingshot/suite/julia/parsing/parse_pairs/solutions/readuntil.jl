function parse_pairs(line)
    io, result = IOBuffer(line), Dict{String,String}()
    while !eof(io)
        parts = split(readuntil(io, ';'), '='; limit=2)
        length(parts) == 2 && push!(result, strip(parts[1]) => strip(parts[2]))
    end
    return result
end
