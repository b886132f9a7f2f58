function tiered_charge(units, tiers)
    units < 0 && throw(DomainError(units))
    for (limit, price) in tiers
        units <= limit && return units * price
    end
    return units * last(tiers[end])
end
