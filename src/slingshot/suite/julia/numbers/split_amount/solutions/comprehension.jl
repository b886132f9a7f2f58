function split_amount(cents, weights)
    total = sum(weights)
    rest = cents - sum(w -> cents * w ÷ total, weights)
    return [cents * w ÷ total + (i <= rest) for (i, w) in enumerate(weights)]
end
