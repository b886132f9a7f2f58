mutable struct Trip
    boxes::Vector{Int}
    room::Int
end

function load!(trip::Trip, weight)
    push!(trip.boxes, weight)
    trip.room -= weight
    return trip
end

function load_trips(weights, limit)
    trips = Trip[]
    for weight in weights
        weight <= limit || throw(ArgumentError("a box of $weight kg fits in no trip"))
        if isempty(trips) || trips[end].room < weight
            push!(trips, Trip(Int[], limit))
        end
        load!(trips[end], weight)
    end
    return [trip.boxes for trip in trips]
end
