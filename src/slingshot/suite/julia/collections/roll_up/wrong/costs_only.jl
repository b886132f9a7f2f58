function roll_up(costs, parent)
    totals = copy(costs)
    for (name, amount) in costs
        passed = [name]
        while haskey(parent, name)
            name = parent[name]
            name in passed && throw(ArgumentError("$name is above itself"))
            push!(passed, name)
            totals[name] = get(totals, name, 0) + amount
        end
    end
    return totals
end
