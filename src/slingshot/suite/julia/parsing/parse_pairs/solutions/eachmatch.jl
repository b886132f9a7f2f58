function parse_pairs(line)
    found = eachmatch(r"([^=;]*)=([^;]*)", line)
    return Dict(strip(m[1]) => strip(m[2]) for m in found)
end
