function roll_up(costs, parent)
    names = union(keys(costs), keys(parent), values(parent))
    totals = Dict{String,Int}(name => get(costs, name, 0) for name in names)
    # Wrong unless those below happen to come first.
    for (child, above) in sort(collect(parent))
        child == above && throw(ArgumentError("$child is above itself"))
        totals[above] += totals[child]
    end
    return totals
end
