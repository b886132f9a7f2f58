function parse_pairs(line)
    isempty(line) && return Dict{String,String}()
    piece, rest = split(line * ";", ';'; limit=2)
    parts = split(piece, '='; limit=2)
    tail = parse_pairs(chop(rest))
    length(parts) == 2 && get!(tail, strip(parts[1]), strip(parts[2]))
    return tail
end
