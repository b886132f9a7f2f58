function roll_up(costs, parent)
    names = union(keys(costs), keys(parent), values(parent))
    children(name) = [child for child in names if get(parent, child, "") == name]
    total(name) = get(costs, name, 0) + sum(Int[total(child) for child in children(name)])
    return Dict{String,Int}(name => total(name) for name in names if !haskey(parent, name) || parent[name] != name)
end
