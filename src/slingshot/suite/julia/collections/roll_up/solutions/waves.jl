function roll_up(costs, parent)
    names = union(keys(costs), keys(parent), values(parent))
    totals = Dict{String,Int}(name => 0 for name in names)
    # Every amount starts at home and moves up by one level a round.
    moving = [(name, get(costs, name, 0)) for name in names]
    rounds = 0
    while !isempty(moving)
        rounds > length(totals) && throw(ArgumentError("some departments are above themselves"))
        for (name, amount) in moving
            totals[name] += amount
        end
        moving = [(parent[name], amount) for (name, amount) in moving if haskey(parent, name)]
        rounds += 1
    end
    return totals
end
