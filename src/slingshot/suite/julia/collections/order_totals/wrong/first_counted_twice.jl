function order_totals(orders)
    totals = Dict{String,Int}()
    for (name, amount) in orders
        totals[name] = get(totals, name, amount) + amount
    end
    return totals
end
