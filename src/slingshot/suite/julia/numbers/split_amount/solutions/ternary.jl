function split_amount(cents, weights)
    base = map(w -> fld(cents * w, sum(weights)), weights)
    left = cents - sum(base)
    return [i > left ? base[i] : base[i] + 1 for i in eachindex(base)]
end
