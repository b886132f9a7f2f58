"The department itself and all those above it, from the bottom to the top."
function chain(name, parent)
    names = [name]
    while haskey(parent, last(names))
        above = parent[last(names)]
        above in names && throw(ArgumentError("$above is above itself"))
        push!(names, above)
    end
    return names
end

function roll_up(costs, parent)
    names = union(keys(costs), keys(parent), values(parent))
    chains = Dict{String,Vector{String}}(name => chain(name, parent) for name in names)
    total(name) = sum(get(costs, other, 0) for other in names if name in chains[other])
    return Dict{String,Int}(name => total(name) for name in names)
end
