function order_totals(orders)
    single = [Dict(name => amount) for (name, amount) in orders]
    return reduce(mergewith(+), single; init=Dict{String,Int}())
end
