struct Runs{T} <: AbstractVector{T}
    values::Vector{T}
    counts::Vector{Int}
    total::Int
end

function Runs(states::AbstractVector{T}) where {T}
    values, counts = T[], Int[]
    previous = nothing
    for state in states
        if previous === nothing || something(previous) != state
            push!(values, state)
            push!(counts, 0)
        end
        counts[end] += 1
        previous = Some(state)
    end
    return Runs{T}(values, counts, length(states))
end

Base.size(r::Runs) = (r.total,)

# Walk through the runs instead of looking up every index.
function Base.iterate(r::Runs, (run, place)=(1, 1))
    run > length(r.values) && return nothing
    next = place < r.counts[run] ? (run, place + 1) : (run + 1, 1)
    return r.values[run], next
end

function Base.getindex(r::Runs, i::Int)
    checkbounds(r, i)
    return first(Iterators.drop(r, i - 1))
end

function runs(r::Runs{T}) where {T}
    found = Pair{T,Int}[]
    for i in eachindex(r.values)
        push!(found, r.values[i] => r.counts[i])
    end
    return found
end
