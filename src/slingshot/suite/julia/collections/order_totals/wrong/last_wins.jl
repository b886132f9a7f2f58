order_totals(orders) = Dict(orders)
