struct Runs{T} <: AbstractVector{T}
    runs::Vector{Pair{T,Int}}

    function Runs(states::AbstractVector{T}) where {T}
        found = Pair{T,Int}[]
        for state in states
            if !isempty(found) && first(found[end]) == state
                found[end] = state => last(found[end]) + 1
            else
                push!(found, state => 1)
            end
        end
        return new{T}(found)
    end
end

Base.size(r::Runs) = (mapreduce(last, +, r.runs; init=0),)

function Base.getindex(r::Runs, i::Int)
    checkbounds(r, i)
    for (state, count) in r.runs
        i <= count && return state
        i -= count
    end
end

runs(r::Runs) = copy(r.runs)
