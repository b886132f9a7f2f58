function load_trips(weights, limit)
    trips = Vector{Int}[]
    next = iterate(weights)
    while next !== nothing
        weight, state = next
        weight > limit && throw(ArgumentError("cannot carry $weight"))
        if isempty(trips) || sum(trips[end]) > limit - weight
            push!(trips, Int[])
        end
        push!(trips[end], weight)
        next = iterate(weights, state)
    end
    return trips
end
