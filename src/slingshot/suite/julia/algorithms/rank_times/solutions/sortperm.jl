function rank_times(times)
    places = zeros(Int, length(times))
    order = sortperm(times)
    for (position, runner) in enumerate(order)
        if position > 1 && times[runner] == times[order[position-1]]
            places[runner] = places[order[position-1]]
        else
            places[runner] = position
        end
    end
    return places
end
