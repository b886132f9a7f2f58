function load_trips(weights, limit)
    trips = Vector{Int}[]
    room = 0

    function load(weight)
        weight > limit && throw(ArgumentError("too heavy for the van: $weight"))
        if isempty(trips) || weight > room
            push!(trips, Int[])
            room = limit
        end
        room -= weight
        push!(trips[end], weight)
    end

    foreach(load, weights)
    return trips
end
