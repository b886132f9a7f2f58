function parse_span(text)
    total = n = 0
    for c in text
        isdigit(c) && (n = 10n + (c - '0'))
        isletter(c) && (total += c == 'h' ? 3600n : c == 'm' ? 60n : n)
        isdigit(c) || (n = 0)
    end
    return total
end
