function tiered_charge(units, tiers)
    units < 0 && throw(DomainError(units))
    charge, lower = 0, 0
    for (limit, price) in tiers
        units > lower || break
        charge += (min(units, limit) - lower) * price
        lower = limit
    end
    return charge
end
