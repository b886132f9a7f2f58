function long_runs(states, least)
    n = length(states)
    starts = [i for i in 1:n if i == 1 || states[i-1] != states[i]]
    stops = Iterators.flatten((Iterators.drop(starts, 1), n + 1))
    runs = Iterators.filter(((from, stop),) -> stop - from >= least, zip(starts, stops))
    return [(state = states[from], from = from, to = stop - 1) for (from, stop) in runs]
end
