function long_runs(states, least)
    runs = NamedTuple[]
    waiting = collect(pairs(states))
    while !isempty(waiting)
        from, state = popfirst!(waiting)
        to = from
        while !isempty(waiting) && last(first(waiting)) == state
            to = first(popfirst!(waiting))
        end
        if to - from + 1 >= least
            push!(runs, (state = state, from = from, to = to))
        end
    end
    return runs
end
