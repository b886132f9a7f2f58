function load_trips(weights, limit)
    trips = Vector{Int}[]
    trip = Int[]
    for weight in weights
        if weight > limit
            throw(ArgumentError("box too heavy: $weight"))
        end
        if sum(trip) + weight > limit
            push!(trips, trip)
            trip = Int[]
        end
        push!(trip, weight)
    end
    isempty(trip) || push!(trips, trip)
    return trips
end
