function long_runs(states, least)
    runs = NamedTuple[]
    from = 1
    for i in 2:length(states)
        if states[i] != states[i-1]
            i - from >= least && push!(runs, (state = states[i-1], from = from, to = i - 1))
            from = i
        end
    end
    return runs
end
