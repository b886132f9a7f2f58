struct Runs{T} <: AbstractVector{T}
    states::Vector{T}
    Runs(states::AbstractVector{T}) where {T} = new{T}(collect(states))
end

Base.size(r::Runs) = size(r.states)
Base.getindex(r::Runs, i::Int) = r.states[i]

function runs(r::Runs{T}) where {T}
    found = Pair{T,Int}[]
    count = 1
    for i in 2:length(r)
        if r[i] == r[i-1]
            count += 1
        else
            push!(found, r[i-1] => count)
            count = 1
        end
    end
    return found
end
