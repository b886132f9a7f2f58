function order_totals(orders)
    totals = Dict()
    for order in orders
        if haskey(totals, order.first)
            totals[order.first] += order.second
        else
            totals[order.first] = order.second
        end
    end
    totals
end
