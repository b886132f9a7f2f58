function long_runs(states, least)
    lengths = Int[]
    for (i, state) in enumerate(states)
        if i > 1 && state == states[i-1]
            lengths[end] += 1
        else
            push!(lengths, 1)
        end
    end
    ends = cumsum(lengths)
    return [(state = states[to], from = to - len + 1, to = to)
            for (to, len) in zip(ends, lengths) if len >= least]
end
