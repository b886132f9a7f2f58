function roll_up(costs, parent)
    totals = Dict{String,Int}()
    for name in union(keys(costs), keys(parent), values(parent))
        amount = get(costs, name, 0)
        passed = String[]
        while true
            name in passed && throw(ArgumentError("$name is above itself"))
            push!(passed, name)
            totals[name] = get(totals, name, 0) + amount
            haskey(parent, name) || break
            name = parent[name]
        end
    end
    return totals
end
