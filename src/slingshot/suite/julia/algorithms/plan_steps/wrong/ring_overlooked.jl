function plan_steps(needs)
    foreach(name -> needs[name], Iterators.flatten(values(needs)))
    order = String[]
    waiting = sort(collect(keys(needs)))
    while !isempty(waiting)
        next = findfirst(name -> issubset(needs[name], order), waiting)
        next === nothing && break
        push!(order, waiting[next])
        deleteat!(waiting, next)
    end
    return order
end
