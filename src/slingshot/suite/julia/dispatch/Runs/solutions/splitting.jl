# Split a vector into its first run and the rest.
function first_run(states)
    state = first(states)
    n = something(findfirst(!=(state), states), length(states) + 1) - 1
    return state => n, states[n+1:end]
end

struct Runs{T} <: AbstractVector{T}
    runs::Vector{Pair{T,Int}}

    function Runs(states::AbstractVector{T}) where {T}
        found, rest = Pair{T,Int}[], states
        while !isempty(rest)
            run, rest = first_run(rest)
            push!(found, run)
        end
        return new{T}(found)
    end
end

function Base.size(r::Runs)
    n = 0
    for (_, count) in r.runs
        n += count
    end
    return (n,)
end

function Base.getindex(r::Runs, i::Int)
    checkbounds(r, i)
    left = i
    for (state, count) in r.runs
        left -= count
        left <= 0 && return state
    end
end

runs(r::Runs) = copy(r.runs)
