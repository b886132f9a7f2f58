"""
    split_amount(cents, weights)

Divide `cents` by `weights`; the first parts take what rounding leaves over.
"""
function split_amount(cents, weights)
    total = sum(weights)
    parts = similar(weights)
    for (i, w) in pairs(weights)
        parts[i] = cents * w ÷ total
    end
    favoured = view(parts, 1:(cents - sum(parts)))
    favoured .+= 1
    return parts
end
