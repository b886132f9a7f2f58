function order_totals(orders)
    pairs = map(unique(first.(orders))) do customer
        own = filter(order -> first(order) == customer, orders)
        customer => sum(last, own)
    end
    return Dict{String,Int}(pairs)
end
