function long_runs(states, least)
    n = length(states)
    starts = [i for i in 1:n if i == 1 || states[i] != states[i-1]]
    ends = [i for i in 1:n if i == n || states[i] != states[i+1]]
    return [(state = states[from], from = from, to = to)
            for (from, to) in zip(starts, ends) if to - from >= least - 1]
end
