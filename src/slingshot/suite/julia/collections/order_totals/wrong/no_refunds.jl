function order_totals(orders)
    totals = Dict{String,Int}()
    for (name, amount) in orders
        amount > 0 || continue
        totals[name] = get(totals, name, 0) + amount
    end
    return totals
end
