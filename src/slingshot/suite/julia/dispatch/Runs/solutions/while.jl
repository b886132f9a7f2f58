struct Runs{T} <: AbstractVector{T}
    values::Vector{T}
    counts::Vector{Int}

    function Runs(states::AbstractVector{T}) where {T}
        values, counts = T[], Int[]
        i = firstindex(states)
        while i <= lastindex(states)
            j = i
            while j < lastindex(states) && states[j+1] == states[i]
                j += 1
            end
            push!(values, states[i])
            push!(counts, j - i + 1)
            i = j + 1
        end
        return new{T}(values, counts)
    end
end

Base.size(r::Runs) = (sum(r.counts),)

function Base.getindex(r::Runs, i::Int)
    checkbounds(r, i)
    run = 1
    while i > r.counts[run]
        i -= r.counts[run]
        run += 1
    end
    return r.values[run]
end

runs(r::Runs) = [r.values[k] => r.counts[k] for k in eachindex(r.values)]
