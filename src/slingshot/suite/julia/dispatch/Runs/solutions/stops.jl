# The last index of every run is kept, so that a place is found by binary search.
struct Runs{T} <: AbstractVector{T}
    states::Vector{T}
    stops::Vector{Int}
end

function Runs(states::AbstractVector)
    series = collect(states)
    n = length(series)
    stops = [i for i in 1:n if i == n || series[i] != series[i+1]]
    return Runs(series[stops], stops)
end

Base.size(r::Runs) = (isempty(r.stops) ? 0 : r.stops[end],)

function Base.getindex(r::Runs, i::Int)
    @boundscheck checkbounds(r, i)
    return r.states[searchsortedfirst(r.stops, i)]
end

function runs(r::Runs)
    counts = diff([0; r.stops])
    return [state => count for (state, count) in zip(r.states, counts)]
end
