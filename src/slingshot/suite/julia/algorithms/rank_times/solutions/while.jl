function rank_times(times)
    places = similar(times, Int)
    place = 1
    while place <= length(times)
        # The smallest time that no place was given to yet, with all its ties.
        best = partialsort(times, place)
        tied = times .== best
        places[tied] .= place
        place += count(tied)
    end
    return places
end
