function split_amount(cents, weights)
    parts = div.(cents .* weights, sum(weights))
    missing_cents = cents - sum(parts)
    for i in Iterators.take(eachindex(parts), missing_cents)
        parts[i] += 1
    end
    return parts
end
