function plan_steps(needs)
    foreach(name -> needs[name], Iterators.flatten(values(needs)))
    order = String[]
    while !isempty(needs)
        ready = sort([name for (name, before) in needs if isempty(before)])
        isempty(ready) && throw(ArgumentError("ring"))
        name = first(ready)
        push!(order, name)
        delete!(needs, name)
        for before in values(needs)
            filter!(!=(name), before)
        end
    end
    return order
end
