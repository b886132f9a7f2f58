function roll_up(costs, parent)
    names = union(keys(costs), keys(parent), values(parent))
    totals = Dict{String,Int}(name => get(costs, name, 0) for name in names)
    waiting = Dict(name => count(==(name), values(parent)) for name in names)
    ready = [name for name in names if waiting[name] == 0]
    done = 0
    # A department is ready when all those right below it have been added to it.
    while !isempty(ready)
        name = pop!(ready)
        done += 1
        haskey(parent, name) || continue
        above = parent[name]
        totals[above] += totals[name]
        waiting[above] -= 1
        waiting[above] == 0 && push!(ready, above)
    end
    done == length(totals) || throw(ArgumentError("some departments are above themselves"))
    return totals
end
