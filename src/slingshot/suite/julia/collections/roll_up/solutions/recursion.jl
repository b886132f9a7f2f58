"A department's costs with all below it; `path` holds the departments on the way down to it."
function total(name, costs, children, path)
    name in path && throw(ArgumentError("$name is above itself"))
    own = get(costs, name, 0)
    below = get(children, name, String[])
    return own + sum(Int[total(child, costs, children, [path; name]) for child in below])
end

function roll_up(costs, parent)
    children = Dict{String,Vector{String}}()
    for (child, above) in parent
        push!(get!(children, above, String[]), child)
    end
    names = union(keys(costs), keys(parent), values(parent))
    return Dict{String,Int}(name => total(name, costs, children, String[]) for name in names)
end
