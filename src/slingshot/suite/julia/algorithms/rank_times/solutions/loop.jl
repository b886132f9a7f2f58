function rank_times(times)
    places = Int[]
    for time in times
        place = 1
        for other in times
            if other < time
                place += 1
            end
        end
        push!(places, place)
    end
    return places
end
