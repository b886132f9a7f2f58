struct Runs{T} <: AbstractVector{T}
    states::Vector{T}
    starts::Vector{Int}
    n::Int
end

function Runs(states::AbstractVector{T}) where {T}
    kept, starts = T[], Int[]
    for (i, state) in enumerate(states)
        if i == 1 || state != kept[end]
            push!(kept, state)
            push!(starts, i)
        end
    end
    return Runs{T}(kept, starts, length(states))
end

Base.size(r::Runs) = (r.n,)

function Base.getindex(r::Runs, i::Int)
    1 <= i <= r.n || throw(BoundsError(r, i))
    return r.states[searchsortedlast(r.starts, i)]
end

function runs(r::Runs)
    following = [r.starts[2:end]; r.n + 1]
    return [s => b - a for (s, a, b) in zip(r.states, r.starts, following)]
end
