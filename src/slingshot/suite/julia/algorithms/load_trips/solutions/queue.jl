function load_trips(weights, limit)
    any(weights .> limit) && throw(ArgumentError("no van carries more than $limit"))
    queue = copy(weights)
    trips = Vector{Int}[]
    while !isempty(queue)
        trip = [popfirst!(queue)]
        while !isempty(queue) && sum(trip) + first(queue) <= limit
            push!(trip, popfirst!(queue))
        end
        push!(trips, trip)
    end
    return trips
end
