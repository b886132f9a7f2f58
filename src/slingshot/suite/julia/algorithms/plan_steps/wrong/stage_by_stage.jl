function plan_steps(needs)
    foreach(name -> needs[name], Iterators.flatten(values(needs)))
    order = String[]
    waiting = sort(collect(keys(needs)))
    while !isempty(waiting)
        ready = filter(name -> issubset(needs[name], order), waiting)
        isempty(ready) && throw(ArgumentError("ring"))
        append!(order, ready)
        setdiff!(waiting, ready)
    end
    return order
end
