function long_runs(states, least)
    runs = NamedTuple[]
    to = length(states)
    for i in length(states):-1:1
        if i == 1 || states[i-1] != states[i]
            to - i + 1 >= least && pushfirst!(runs, (state = states[i], from = i, to = to))
            to = i - 1
        end
    end
    return runs
end
