function load_trips(weights, limit)
    any(>(limit), weights) && throw(ArgumentError("a box does not fit at all"))
    totals = cumsum(weights)
    trips = Vector{Int}[]
    done = 0
    while done < length(weights)
        carried = done == 0 ? 0 : totals[done]
        to = searchsortedlast(totals, carried + limit)
        push!(trips, weights[done+1:to])
        done = to
    end
    return trips
end
