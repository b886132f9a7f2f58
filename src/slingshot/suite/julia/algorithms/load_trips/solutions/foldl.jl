function add_box(trips, weight, limit)
    if isempty(trips) || sum(last(trips)) + weight > limit
        push!(trips, [weight])
    else
        push!(last(trips), weight)
    end
    return trips
end

function load_trips(weights, limit)
    all(weight -> weight <= limit, weights) || throw(ArgumentError("a box is too heavy"))
    return foldl((trips, weight) -> add_box(trips, weight, limit), weights; init=Vector{Int}[])
end
