function split_amount(cents, weights)
    total = sum(weights)
    shares = [divrem(cents * w, total) for w in weights]
    # What was rounded away is a whole number of cents.
    left = sum(last, shares) ÷ total
    return [first(share) + (i <= left ? 1 : 0) for (i, share) in enumerate(shares)]
end
