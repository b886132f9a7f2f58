function load_trips(weights, limit)
    trips = Vector{Int}[]
    load = 0
    for weight in weights
        weight > limit && throw(ArgumentError("a box of $weight kg exceeds $limit kg"))
        if isempty(trips) || load + weight > limit
            push!(trips, [weight])
            load = weight
        else
            push!(trips[end], weight)
            load += weight
        end
    end
    return trips
end
