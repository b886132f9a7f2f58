function parse_span(text)
    parts = split(text)
    total = 0
    while !isempty(parts)
        part = pop!(parts)
        n = parse(Int, chop(part))
        if endswith(part, "h")
            total += 60 * 60 * n
        elseif endswith(part, "m")
            total += 60 * n
        else
            total += n
        end
    end
    return total
end
