struct Runs{T} <: AbstractVector{T}
    runs::Vector{Pair{T,Int}}

    function Runs(states::AbstractVector{T}) where {T}
        found = Pair{T,Int}[]
        foreach(state -> extend!(found, state), states)
        return new{T}(found)
    end
end

function extend!(found, state)
    if isempty(found) || found[end].first != state
        return push!(found, state => 1)
    end
    count = pop!(found).second
    return push!(found, state => count + 1)
end

# The state at place `i`, counted from the start of the run number `k`.
function state_at(found, i, k=1)
    state, count = found[k]
    return i <= count ? state : state_at(found, i - count, k + 1)
end

Base.size(r::Runs) = (sum(Int[count for (_, count) in r.runs]),)

function Base.getindex(r::Runs, i::Int)
    checkbounds(r, i)
    return state_at(r.runs, i)
end

runs(r::Runs) = copy(r.runs)
