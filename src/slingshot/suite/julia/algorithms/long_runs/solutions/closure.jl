function long_runs(states, least)
    runs = NamedTuple[]
    report(from, to) =
        to - from + 1 >= least && push!(runs, (state = states[from], from = from, to = to))

    isempty(states) && return runs
    from = 1
    for i in 2:length(states)
        states[i] == states[from] && continue
        report(from, i - 1)
        from = i
    end
    report(from, length(states))
    return runs
end
