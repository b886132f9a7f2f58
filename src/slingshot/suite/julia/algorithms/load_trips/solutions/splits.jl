function load_trips(weights, limit)
    maximum([0; weights]) > limit && throw(ArgumentError("a box is heavier than the van allows"))
    starts = Int[]
    load = 0
    for (i, weight) in enumerate(weights)
        load += weight
        if i == 1 || load > limit
            push!(starts, i)
            load = weight
        end
    end
    ends = [starts[2:end] .- 1; length(weights)]
    return [weights[from:to] for (from, to) in zip(starts, ends)]
end
