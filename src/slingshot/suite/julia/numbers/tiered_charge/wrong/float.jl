function tiered_charge(units, tiers)
    units < 0 && throw(DomainError(units))
    charge, lower = 0.0, 0
    for (limit, price) in tiers
        charge += max(min(units, limit) - lower, 0) * price
        lower = limit
    end
    return charge + max(units - lower, 0) * last(last(tiers))
end
