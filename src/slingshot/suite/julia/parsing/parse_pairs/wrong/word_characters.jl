function parse_pairs(line)
    found = eachmatch(r"(\w+)\s*=\s*(\w+)", line)
    return Dict(m[1] => m[2] for m in found)
end
