order_totals(orders) =
    mergewith(+, Dict{String,Int}(), Dict.(orders)...)
