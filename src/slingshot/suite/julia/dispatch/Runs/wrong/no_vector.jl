struct Runs{T}
    values::Vector{T}
    counts::Vector{Int}
end

function Runs(states::AbstractVector{T}) where {T}
    r = Runs(T[], Int[])
    for state in states
        if isempty(r.values) || r.values[end] != state
            push!(r.values, state)
            push!(r.counts, 0)
        end
        r.counts[end] += 1
    end
    return r
end

Base.length(r::Runs) = sum(r.counts)

function Base.getindex(r::Runs, i::Int)
    1 <= i <= length(r) || throw(BoundsError(r, i))
    return r.values[searchsortedfirst(cumsum(r.counts), i)]
end

runs(r::Runs) = [value => count for (value, count) in zip(r.values, r.counts)]
