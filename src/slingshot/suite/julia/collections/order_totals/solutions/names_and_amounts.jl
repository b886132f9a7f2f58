function order_totals(orders)
    names = first.(orders)
    amounts = last.(orders)
    return Dict(name => sum(amounts[names .== name]) for name in unique(names))
end
