function roll_up(costs, parent)
    names = union(keys(costs), keys(parent), values(parent))
    totals = Dict{String,Int}(name => get(costs, name, 0) for name in names)
    links = copy(parent)
    while !isempty(links)
        lowest = setdiff(keys(links), values(links))
        isempty(lowest) && throw(ArgumentError("some departments are above themselves"))
        for name in lowest
            above = pop!(links, name)
            totals[above] += totals[name]
        end
    end
    return totals
end
