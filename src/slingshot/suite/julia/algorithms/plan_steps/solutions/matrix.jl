function plan_steps(needs)
    names = sort(collect(keys(needs)))
    index = Dict(name => i for (i, name) in enumerate(names))
    n = length(names)
    blocked = falses(n, n)
    for (name, before) in needs, b in before
        blocked[index[name], index[b]] = true
    end
    open = trues(n)
    order = String[]
    for _ in 1:n
        next = findfirst(i -> open[i] && !any(blocked[i, :]), 1:n)
        isnothing(next) && throw(ArgumentError("the needs go round in a ring"))
        push!(order, names[next])
        open[next] = false
        blocked[:, next] .= false
    end
    return order
end
