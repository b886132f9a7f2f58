struct Runs{T} <: AbstractVector{T}
    states::Vector{T}
    Runs(states::AbstractVector{T}) where {T} = new{T}(collect(states))
end

Base.size(r::Runs) = size(r.states)
Base.getindex(r::Runs, i::Int) = r.states[i]

runs(r::Runs) = [state => count(==(state), r.states) for state in unique(r.states)]
