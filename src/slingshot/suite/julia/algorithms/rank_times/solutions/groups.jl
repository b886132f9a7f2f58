function rank_times(times)
    places = fill(0, length(times))
    next = 1
    for time in sort(unique(times))
        runners = findall(==(time), times)
        places[runners] .= next
        next += length(runners)
    end
    return places
end
