function load_trips(weights, limit)
    trips = [Int[]]
    for weight in weights
        weight > limit && throw(ArgumentError("too heavy"))
        sum(trips[end]) + weight > limit && push!(trips, Int[])
        push!(trips[end], weight)
    end
    return trips
end
