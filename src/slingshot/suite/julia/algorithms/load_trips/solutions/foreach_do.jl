function load_trips(weights, limit)
    heavy = filter(>(limit), weights)
    isempty(heavy) || throw(ArgumentError("too heavy: $(join(heavy, ", "))"))
    trips = Vector{Int}[]
    foreach(weights) do weight
        fits = !isempty(trips) && sum(trips[end]) + weight <= limit
        fits ? push!(trips[end], weight) : push!(trips, [weight])
    end
    return trips
end
