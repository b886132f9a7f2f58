function split_amount(cents, weights)
    parts = [div(cents * w, sum(weights)) for w in weights]
    for i in 1:cents-sum(parts)
        parts[i] += 1
    end
    return parts
end
