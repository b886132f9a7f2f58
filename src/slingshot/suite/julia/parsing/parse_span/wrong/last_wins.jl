function parse_span(text)
    counts = Dict('h' => 0, 'm' => 0, 's' => 0)
    for part in split(text)
        counts[part[end]] = parse(Int, part[1:end-1])
    end
    return 3600 * counts['h'] + 60 * counts['m'] + counts['s']
end
