function split_amount(cents, weights)
    parts, left = Int[], cents
    for w in weights
        push!(parts, cents * w ÷ sum(weights))
        left -= parts[end]
    end
    return [p + (i <= left) for (i, p) in enumerate(parts)]
end
