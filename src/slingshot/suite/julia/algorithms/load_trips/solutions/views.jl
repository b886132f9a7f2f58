function load_trips(weights, limit)
    any(w > limit for w in weights) && throw(ArgumentError("box above the limit"))
    trips = Vector{Int}[]
    from = 1
    for to in eachindex(weights)
        full = to == lastindex(weights) || sum(view(weights, from:to+1)) > limit
        if full
            push!(trips, weights[from:to])
            from = to + 1
        end
    end
    return trips
end
