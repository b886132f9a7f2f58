function order_totals(orders)
    names = unique(first.(orders))
    return Dict(n => sum(a for (m, a) in orders if m == n) for n in names)
end
