mutable struct Run
    state
    from::Int
    to::Int
end

minutes(run::Run) = run.to - run.from + 1
as_tuple(run::Run) = (state = run.state, from = run.from, to = run.to)

function long_runs(states, least)
    runs = Run[]
    for (i, state) in enumerate(states)
        if isempty(runs) || runs[end].state != state
            push!(runs, Run(state, i, i))
        else
            runs[end].to = i
        end
    end
    return [as_tuple(run) for run in runs if minutes(run) >= least]
end
