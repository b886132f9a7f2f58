function split_amount(cents, weights)
    parts = cents .* weights .÷ sum(weights)
    i = 1
    while sum(parts) < cents
        parts[i] += 1
        i += 1
    end
    return parts
end
