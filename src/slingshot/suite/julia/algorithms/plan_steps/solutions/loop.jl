function plan_steps(needs)
    for before in values(needs), name in before
        haskey(needs, name) || throw(KeyError(name))
    end
    order = String[]
    while length(order) < length(needs)
        ready = String[]
        for (name, before) in needs
            if !(name in order) && all(b -> b in order, before)
                push!(ready, name)
            end
        end
        isempty(ready) && throw(ArgumentError("the steps need each other"))
        push!(order, minimum(ready))
    end
    return order
end
