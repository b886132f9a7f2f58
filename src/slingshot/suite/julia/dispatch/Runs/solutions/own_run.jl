struct Run{T}
    state::T
    count::Int
end

struct Runs{T} <: AbstractVector{T}
    all::Vector{Run{T}}
end

function Runs(states::AbstractVector{T}) where {T}
    all = Run{T}[]
    for state in states
        if isempty(all) || last(all).state != state
            push!(all, Run{T}(state, 1))
        else
            all[end] = Run{T}(state, last(all).count + 1)
        end
    end
    return Runs{T}(all)
end

Base.size(r::Runs) = (sum(Int[run.count for run in r.all]),)

function Base.getindex(r::Runs, i::Int)
    checkbounds(r, i)
    seen = 0
    for run in r.all
        seen += run.count
        seen >= i && return run.state
    end
end

runs(r::Runs) = [run.state => run.count for run in r.all]
