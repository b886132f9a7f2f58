function order_totals(orders)
    totals = Dict(name => 0 for (name, _) in orders)
    for (name, amount) in orders
        totals[name] += amount
    end
    return totals
end
