function order_totals(orders)
    totals = Dict()
    for (name, amount) in orders
        haskey(totals, name) || (totals[name] = 0)
        totals[name] += amount
    end
    return totals
end
