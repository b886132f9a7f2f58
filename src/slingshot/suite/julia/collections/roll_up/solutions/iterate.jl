"Goes through a department and all those above it."
struct Upwards
    name::String
    parent::Dict{String,String}
end

Base.IteratorSize(::Type{Upwards}) = Base.SizeUnknown()
Base.eltype(::Type{Upwards}) = String

function Base.iterate(way::Upwards, (name, steps)=(way.name, 0))
    name === nothing && return nothing
    steps > length(way.parent) && throw(ArgumentError("$name is above itself"))
    return name, (get(way.parent, name, nothing), steps + 1)
end

function roll_up(costs, parent)
    totals = Dict{String,Int}()
    for name in union(keys(costs), keys(parent), values(parent)), above in Upwards(name, parent)
        totals[above] = get(totals, above, 0) + get(costs, name, 0)
    end
    return totals
end
