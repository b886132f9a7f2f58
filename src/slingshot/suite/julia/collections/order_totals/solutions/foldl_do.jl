function order_totals(orders)
    foldl(orders; init=Dict{String,Int}()) do totals, (name, amount)
        totals[name] = get(totals, name, 0) + amount
        totals
    end
end
