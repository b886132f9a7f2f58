function long_runs(states, least)
    runs = NamedTuple[]
    from = 1
    for i in 1:length(states)
        if i == length(states) || states[i+1] != states[i]
            if i - from + 1 >= least
                push!(runs, (state = states[i], from = from, to = i))
            end
            from = i + 1
        end
    end
    return runs
end
