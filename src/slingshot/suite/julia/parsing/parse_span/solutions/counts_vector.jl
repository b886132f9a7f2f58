function parse_span(text)
    counts = [0, 0, 0]
    for part in split(text)
        column = findfirst(last(part), "hms")
        counts[column] += parse(Int, chop(part))
    end
    return sum(counts .* [3600, 60, 1])
end
