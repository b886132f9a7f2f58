function long_runs(states, least)
    ranges = UnitRange{Int}[]
    for i in eachindex(states)
        if i > 1 && states[i] == states[i-1]
            ranges[end] = first(ranges[end]):i
        else
            push!(ranges, i:i)
        end
    end
    filter!(range -> length(range) >= least, ranges)
    return map(r -> (state = states[first(r)], from = first(r), to = last(r)), ranges)
end
