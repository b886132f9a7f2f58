"""
    Runs(states)

A vector of states that is stored as runs of equal neighbours.
"""
struct Runs{T} <: AbstractVector{T}
    values::Vector{T}
    counts::Vector{Int}
end

function Runs(states::AbstractVector{T}) where {T}
    r = Runs(T[], Int[])
    for state in states
        same = !isempty(r.values) && r.values[end] == state
        same ? (r.counts[end] += 1) : (push!(r.values, state); push!(r.counts, 1))
    end
    return r
end

Base.IndexStyle(::Type{<:Runs}) = IndexLinear()
Base.size(r::Runs) = (sum(r.counts),)

function Base.getindex(r::Runs, i::Int)
    checkbounds(r, i)
    owners = (k for k in eachindex(r.counts) for _ in 1:r.counts[k])
    return r.values[first(Iterators.drop(owners, i - 1))]
end

"The runs as pairs of state and count."
runs(r::Runs) = collect(Pair(v, n) for (v, n) in zip(r.values, r.counts))
