function tiered_charge(units, tiers)
    units < 0 && throw(DomainError(units))
    charge, left = 0, units
    for (size, price) in tiers
        taken = min(left, size)
        charge += taken * price
        left -= taken
    end
    return charge + left * last(last(tiers))
end
