function load_trips(weights, limit)
    any(w -> w > limit, weights) && throw(ArgumentError("too heavy"))
    trips = Vector{Int}[]
    for weight in weights
        if isempty(trips) || sum(trips[end]) + weight >= limit
            push!(trips, [weight])
        else
            push!(trips[end], weight)
        end
    end
    return trips
end
