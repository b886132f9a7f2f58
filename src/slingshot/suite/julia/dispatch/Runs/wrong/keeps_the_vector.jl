struct Runs{T} <: AbstractVector{T}
    states::AbstractVector{T}
end

Base.size(r::Runs) = size(r.states)
Base.getindex(r::Runs, i::Int) = r.states[i]

function runs(r::Runs)
    found = []
    for state in r.states
        if isempty(found) || first(found[end]) != state
            push!(found, state => 1)
        else
            found[end] = state => found[end].second + 1
        end
    end
    return found
end
