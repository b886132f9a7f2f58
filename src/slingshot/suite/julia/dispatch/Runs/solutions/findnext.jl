struct Runs{T} <: AbstractVector{T}
    runs::Vector{Pair{T,Int}}

    function Runs(states::AbstractVector{T}) where {T}
        found = Pair{T,Int}[]
        start = 1
        while start <= length(states)
            state = states[start]
            next = findnext(!=(state), states, start)
            next === nothing && (next = length(states) + 1)
            push!(found, state => next - start)
            start = next
        end
        return new{T}(found)
    end
end

Base.size(r::Runs) = (sum(Int[last(run) for run in r.runs]),)

function Base.getindex(r::Runs, i::Int)
    checkbounds(r, i)
    counts = [last(run) for run in r.runs]
    place = searchsortedfirst(cumsum(counts), i)
    return first(r.runs[place])
end

runs(r::Runs) = copy(r.runs)
