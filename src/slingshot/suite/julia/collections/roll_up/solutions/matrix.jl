function roll_up(costs, parent)
    names = collect(String, union(keys(costs), keys(parent), values(parent)))
    # below[i, j] says whether department j stands right below department i.
    below = [get(parent, child, nothing) == name for name in names, child in names]
    level = Int[get(costs, name, 0) for name in names]
    amounts = zeros(Int, length(names))
    paths = ones(Int, length(names))
    for _ in names
        amounts += level
        level = below * level
        paths = below * paths
    end
    any(paths .> 0) && throw(ArgumentError("some departments are above themselves"))
    return Dict{String,Int}(zip(names, amounts))
end
