function load_trips(weights, limit)
    trips = Vector{Int}[]
    trip = Int[]
    for weight in weights
        weight > limit && throw(ArgumentError("too heavy"))
        if sum(trip) + weight > limit
            push!(trips, trip)
            trip = Int[]
        end
        push!(trip, weight)
    end
    return trips
end
