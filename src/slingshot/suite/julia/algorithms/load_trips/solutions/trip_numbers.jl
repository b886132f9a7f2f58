function load_trips(weights, limit)
    trip_of = Int[]
    trip, load = 0, limit
    for weight in weights
        weight > limit && throw(ArgumentError("$weight exceeds the limit of $limit"))
        load += weight
        if load > limit
            trip, load = trip + 1, weight
        end
        push!(trip_of, trip)
    end
    return [weights[trip_of .== number] for number in 1:trip]
end
