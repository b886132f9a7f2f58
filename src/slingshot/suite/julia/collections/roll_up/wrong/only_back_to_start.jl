function roll_up(costs, parent)
    names = union(keys(costs), keys(parent), values(parent))
    totals = Dict{String,Int}(name => get(costs, name, 0) for name in names)
    for name in names
        above, steps = name, 0
        while haskey(parent, above) && steps <= length(parent)
            above = parent[above]
            steps += 1
            above == name && error("$name is above itself")
            totals[above] += get(costs, name, 0)
        end
    end
    return totals
end
