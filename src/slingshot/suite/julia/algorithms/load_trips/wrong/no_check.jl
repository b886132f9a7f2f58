function load_trips(weights, limit)
    trips = Vector{Int}[]
    for weight in weights
        if isempty(trips) || sum(trips[end]) + weight > limit
            push!(trips, [weight])
        else
            push!(trips[end], weight)
        end
    end
    return trips
end
