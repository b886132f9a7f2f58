function long_runs(states, least)
    runs = NamedTuple[]
    current, from = states[1], 1
    for (i, state) in enumerate(states)
        if state != current
            i - from >= least && push!(runs, (state = current, from = from, to = i - 1))
            current, from = state, i
        end
    end
    n = length(states)
    n - from + 1 >= least && push!(runs, (state = current, from = from, to = n))
    return runs
end
