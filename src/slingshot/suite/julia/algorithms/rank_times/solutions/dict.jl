function rank_times(times)
    place_of = Dict{eltype(times),Int}()
    for (place, time) in enumerate(sort(times))
        # Only the first of several equal times sets the place.
        get!(place_of, time, place)
    end
    return [place_of[time] for time in times]
end
