function order_totals(orders)
    add(a, b) = merge(+, a, b)
    return mapreduce(Dict, add, orders; init=Dict{String,Int}())
end
