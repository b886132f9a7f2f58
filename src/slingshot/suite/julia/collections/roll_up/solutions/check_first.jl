function check(parent)
    for start in keys(parent)
        name = start
        for _ in 1:length(parent)
            name = get(parent, name, nothing)
            name == start && throw(ArgumentError("$start is above itself"))
            name === nothing && break
        end
    end
end

function roll_up(costs, parent)
    check(parent)
    totals = Dict{String,Int}()
    add!(name, amount) = totals[name] = get(totals, name, 0) + amount
    for name in union(keys(costs), keys(parent), values(parent))
        amount = get(costs, name, 0)
        add!(name, amount)
        while haskey(parent, name)
            name = parent[name]
            add!(name, amount)
        end
    end
    return totals
end
