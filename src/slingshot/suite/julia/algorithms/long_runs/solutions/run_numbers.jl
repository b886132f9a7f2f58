function long_runs(states, least)
    # Every minute gets the number of its run; the numbers ascend, so a run is a range of them.
    numbers = Int[]
    for i in eachindex(states)
        starts = i == 1 || states[i] != states[i-1]
        push!(numbers, (i == 1 ? 0 : numbers[end]) + starts)
    end
    runs = NamedTuple[]
    for number in unique(numbers)
        places = searchsorted(numbers, number)
        length(places) < least && continue
        push!(runs, (state = states[first(places)], from = first(places), to = last(places)))
    end
    return runs
end
