function tiered_charge(units, tiers)
    charge, lower = 0, 0
    for (limit, price) in tiers
        charge += max(min(units, limit) - lower, 0) * price
        lower = limit
    end
    return charge + max(units - lower, 0) * last(last(tiers))
end
