struct Runs{T} <: AbstractVector{T}
    values::Vector{T}
    stops::Vector{Int}

    function Runs(states::AbstractVector{T}) where {T}
        values, stops = T[], Int[]
        for (i, state) in enumerate(states)
            if !isempty(values) && values[end] == state
                stops[end] = i
            else
                push!(values, state)
                push!(stops, i)
            end
        end
        return new{T}(values, stops)
    end
end

Base.size(r::Runs) = (maximum([0; r.stops]),)

function Base.getindex(r::Runs, i::Int)
    for (value, stop) in zip(r.values, r.stops)
        1 <= i <= stop && return value
    end
    throw(BoundsError(r, i))
end

function runs(r::Runs)
    start = 0
    return map(r.values, r.stops) do value, stop
        count = stop - start
        start = stop
        value => count
    end
end
