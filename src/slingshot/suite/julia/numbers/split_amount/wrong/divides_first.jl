function split_amount(cents, weights)
    unit = cents ÷ sum(weights)
    parts = unit .* weights
    for i in 1:cents-sum(parts)
        parts[mod1(i, length(parts))] += 1
    end
    return parts
end
