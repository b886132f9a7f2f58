function parse_pairs(line)
    pieces = [split(p, '='; limit=2) for p in split(line, ';') if '=' in p]
    return Dict(map(pieces) do (key, value)
        strip(key) => strip(value)
    end)
end
