function parse_span(text)
    sizes = Dict('h' => 3600, 'm' => 60, 's' => 1)
    total = 0
    for part in split(text)
        total += parse(Int, chop(part)) * sizes[last(part)]
    end
    return total
end
