struct Runs{T} <: AbstractVector{T}
    values::Vector{T}
    counts::Vector{Int}
end

function add_state!(r::Runs, state)
    if isempty(r.values) || last(r.values) != state
        push!(r.values, state)
        push!(r.counts, 1)
    else
        r.counts[end] += 1
    end
    return r
end

Runs(states::AbstractVector{T}) where {T} = foldl(add_state!, states; init=Runs{T}(T[], Int[]))

Base.size(r::Runs) = (sum(r.counts),)

function Base.getindex(r::Runs, i::Int)
    checkbounds(r, i)
    ends = cumsum(r.counts)
    return r.values[findfirst(>=(i), ends)]
end

runs(r::Runs) = Pair.(r.values, r.counts)
