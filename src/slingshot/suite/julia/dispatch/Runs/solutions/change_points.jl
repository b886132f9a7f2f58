struct Runs{T} <: AbstractVector{T}
    states::Vector{T}
    ranges::Vector{UnitRange{Int}}
end

function Runs(states::AbstractVector)
    isempty(states) && return Runs(collect(states), UnitRange{Int}[])
    changes = findall(states[2:end] .!= states[1:end-1])
    starts = [1; changes .+ 1]
    stops = [changes; length(states)]
    return Runs(states[starts], map(:, starts, stops))
end

Base.size(r::Runs) = (sum(map(length, r.ranges)),)

function Base.getindex(r::Runs, i::Int)
    k = findfirst(range -> i in range, r.ranges)
    k === nothing && throw(BoundsError(r, i))
    return r.states[k]
end

runs(r::Runs) = [state => length(range) for (state, range) in zip(r.states, r.ranges)]
