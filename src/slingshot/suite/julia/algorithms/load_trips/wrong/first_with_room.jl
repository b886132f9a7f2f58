function load_trips(weights, limit)
    trips = Vector{Int}[]
    for weight in weights
        weight > limit && throw(ArgumentError("too heavy"))
        i = findfirst(trip -> sum(trip) + weight <= limit, trips)
        i === nothing ? push!(trips, [weight]) : push!(trips[i], weight)
    end
    return trips
end
