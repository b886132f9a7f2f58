function order_totals(orders)
    isempty(orders) && return Dict{String,Int}()
    name, amount = orders[end]
    totals = order_totals(orders[1:end-1])
    totals[name] = get!(totals, name, 0) + amount
    return totals
end
