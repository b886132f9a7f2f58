order_totals(orders) = reduce(mergewith(+), [Dict(order) for order in orders])
