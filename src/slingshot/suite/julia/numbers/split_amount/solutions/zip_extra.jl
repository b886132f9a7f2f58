function split_amount(cents, weights)
    total = sum(weights)
    parts = map(w -> cents * w ÷ total, weights)
    left = cents - sum(parts)
    extra = vcat(ones(Int, left), zeros(Int, length(parts) - left))
    return [part + one_more for (part, one_more) in zip(parts, extra)]
end
