function parse_span(text)
    total = n = 0
    for c in filter(!isspace, text)
        n = isdigit(c) ? 10n + (c - '0') : n
        isdigit(c) && continue
        total += c == 'h' ? 3600n : c == 'm' ? 60n : n
        n = 0
    end
    return total
end
