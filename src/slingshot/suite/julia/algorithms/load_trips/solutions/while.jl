function load_trips(weights, limit)
    trips = Vector{Int}[]
    i = 1
    while i <= length(weights)
        weights[i] > limit && throw(ArgumentError("box $i is heavier than $limit"))
        trip = Int[]
        room = limit
        while i <= length(weights) && weights[i] <= room
            push!(trip, weights[i])
            room -= weights[i]
            i += 1
        end
        push!(trips, trip)
    end
    return trips
end
