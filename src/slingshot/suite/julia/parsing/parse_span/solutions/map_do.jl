function parse_span(text)
    parts = map(split(text)) do part
        n = parse(Int, part[1:end-1])
        endswith(part, 'h') ? n * 3600 : endswith(part, 'm') ? n * 60 : n
    end
    return reduce(+, parts; init=0)
end
