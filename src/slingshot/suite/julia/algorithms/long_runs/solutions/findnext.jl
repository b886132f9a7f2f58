function long_runs(states, least)
    n = length(states)
    runs = NamedTuple[]
    from = 1
    while from <= n
        change = findnext(!=(states[from]), states, from)
        to = isnothing(change) ? n : change - 1
        push!(runs, (state = states[from], from = from, to = to))
        from = to + 1
    end
    return filter(run -> run.to - run.from + 1 >= least, runs)
end
