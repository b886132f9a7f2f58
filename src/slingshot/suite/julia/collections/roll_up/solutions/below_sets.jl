"All departments under `name` at any depth."
function below(name, parent)
    found = Set{String}()
    level = [child for (child, above) in parent if above == name]
    while !isempty(level)
        name in level && throw(ArgumentError("$name is above itself"))
        union!(found, level)
        level = [child for (child, above) in parent if above in level && !(child in found)]
    end
    return found
end

function roll_up(costs, parent)
    own(name) = get(costs, name, 0)
    return Dict{String,Int}(
        name => own(name) + sum(Int[own(other) for other in below(name, parent)])
        for name in union(keys(costs), keys(parent), values(parent))
    )
end
