function roll_up(costs, parent)
    totals = Dict{String,Int}(name => get(costs, name, 0) for name in union(keys(costs), keys(parent), values(parent)))
    for (child, above) in parent
        child == above && throw(ArgumentError("$child is above itself"))
        totals[above] += get(costs, child, 0)
    end
    return totals
end
