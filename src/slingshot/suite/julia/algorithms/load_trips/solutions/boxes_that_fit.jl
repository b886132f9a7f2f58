"""How many boxes, counted from position `from`, fit on one trip."""
function boxes_that_fit(weights, from, limit)
    load = 0
    for i in from:length(weights)
        load += weights[i]
        load > limit && return i - from
    end
    return length(weights) - from + 1
end

function load_trips(weights, limit)
    trips = Vector{Int}[]
    from = 1
    while from <= length(weights)
        n = boxes_that_fit(weights, from, limit)
        n == 0 && throw(ArgumentError("box $from is heavier than $limit"))
        push!(trips, weights[from:from+n-1])
        from += n
    end
    return trips
end
