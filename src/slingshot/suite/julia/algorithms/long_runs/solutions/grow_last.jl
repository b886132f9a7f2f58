function long_runs(states, least)
    runs = NamedTuple[]
    for (minute, state) in enumerate(states)
        if !isempty(runs) && runs[end].state == state
            # The newest run goes on: put a longer one in its place.
            runs[end] = merge(runs[end], (to = minute,))
        else
            push!(runs, (state = state, from = minute, to = minute))
        end
    end
    return filter!(run -> run.to - run.from + 1 >= least, runs)
end
