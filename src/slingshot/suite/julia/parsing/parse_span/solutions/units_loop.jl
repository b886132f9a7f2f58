function parse_span(text)
    total = 0
    for (unit, seconds) in ("h" => 3600, "m" => 60, "s" => 1)
        for m in eachmatch(Regex("(\\d+)" * unit), text)
            total += seconds * parse(Int, m[1])
        end
    end
    return total
end
