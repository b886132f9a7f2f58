function extend(runs, (minute, state))
    if isempty(runs) || last(runs).state != state
        return push!(runs, (state = state, from = minute, to = minute))
    end
    run = pop!(runs)
    return push!(runs, (state = state, from = run.from, to = minute))
end

function long_runs(states, least)
    runs = foldl(extend, enumerate(states); init=NamedTuple[])
    return [run for run in runs if length(run.from:run.to) >= least]
end
