function plan_steps(needs)
    missing_needs = Dict(name => 0 for name in keys(needs))
    followers = Dict(name => String[] for name in keys(needs))
    for (name, before) in needs, b in unique(before)
        push!(followers[b], name)  # a KeyError if `b` is unknown
        missing_needs[name] += 1
    end
    ready = [name for (name, n) in missing_needs if n == 0]
    order = String[]
    while !isempty(ready)
        sort!(ready)
        name = popfirst!(ready)
        push!(order, name)
        for follower in followers[name]
            missing_needs[follower] -= 1
            missing_needs[follower] == 0 && push!(ready, follower)
        end
    end
    length(order) == length(needs) || throw(ArgumentError("some steps need each other"))
    return order
end
