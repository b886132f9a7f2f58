function load_trips(weights, limit)
    trips = Vector{Int}[]
    for weight in weights
        weight > limit && error("box of $weight kg is too heavy")
        if isempty(trips) || sum(trips[end]) + weight > limit
            push!(trips, Int[])
        end
        push!(trips[end], weight)
    end
    return trips
end
