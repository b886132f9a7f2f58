function order_totals(orders)
    left = copy(orders)
    totals = Dict{String,Int}()
    while !isempty(left)
        name, amount = pop!(left)
        totals[name] = amount + get(totals, name, 0)
    end
    return totals
end
