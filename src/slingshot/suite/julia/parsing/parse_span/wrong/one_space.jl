function parse_span(text)
    isempty(text) && return 0
    total = 0
    for part in split(text, " ")
        n = parse(Int, part[1:end-1])
        unit = part[end]
        total += unit == 'h' ? 3600n : unit == 'm' ? 60n : n
    end
    return total
end
