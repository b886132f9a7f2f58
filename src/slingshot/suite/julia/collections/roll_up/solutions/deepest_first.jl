function depth(name, parent)
    levels = 0
    while haskey(parent, name)
        name = parent[name]
        levels += 1
        levels > length(parent) && throw(ArgumentError("$name is above itself"))
    end
    return levels
end

function roll_up(costs, parent)
    names = collect(String, union(keys(costs), keys(parent), values(parent)))
    totals = Dict{String,Int}(name => get(costs, name, 0) for name in names)
    depths = [depth(name, parent) for name in names]
    for name in names[sortperm(depths; rev=true)]
        haskey(parent, name) || continue
        totals[parent[name]] += totals[name]
    end
    return totals
end
