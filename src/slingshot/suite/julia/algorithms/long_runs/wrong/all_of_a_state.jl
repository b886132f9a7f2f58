function long_runs(states, least)
    runs = NamedTuple[]
    for state in unique(states)
        places = findall(==(state), states)
        if length(places) >= least
            push!(runs, (state = state, from = first(places), to = last(places)))
        end
    end
    return runs
end
