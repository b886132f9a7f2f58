function roll_up(costs, parent)
    names = union(keys(costs), keys(parent), values(parent))
    totals = Dict{String,Union{Int,Nothing}}()

    function total(name)
        if haskey(totals, name)
            # Nothing stands for a total that is still being added up.
            totals[name] === nothing && throw(ArgumentError("$name is above itself"))
            return totals[name]
        end
        totals[name] = nothing
        amount = get(costs, name, 0)
        for (child, above) in parent
            above == name && (amount += total(child))
        end
        totals[name] = amount
        return amount
    end

    return Dict{String,Int}(name => total(name) for name in names)
end
