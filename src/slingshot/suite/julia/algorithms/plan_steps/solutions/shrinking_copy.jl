function plan_steps(needs)
    left = Dict(name => Set(before) for (name, before) in needs)
    for before in values(left), name in before
        haskey(left, name) || throw(KeyError(name))
    end
    order = String[]
    while !isempty(left)
        free = [name for (name, before) in left if isempty(before)]
        isempty(free) && throw(ArgumentError("nothing can be done next"))
        name = minimum(free)
        delete!(left, name)
        foreach(before -> delete!(before, name), values(left))
        push!(order, name)
    end
    return order
end
