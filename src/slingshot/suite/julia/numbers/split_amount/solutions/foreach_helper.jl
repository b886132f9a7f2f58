share(cents, w, total) = div(cents * w, total)
function split_amount(cents, weights)
    parts = share.(cents, weights, sum(weights))
    foreach(i -> parts[i] += 1, 1:cents-sum(parts))
    return parts
end
