function long_runs(states, least)
    runs = []
    from = 1
    while from <= length(states)
        to = from
        while to < length(states) && states[to+1] == states[from]
            to += 1
        end
        to - from + 1 >= least && push!(runs, (state = states[from], from = from, to = to))
        from = to + 1
    end
    return runs
end
