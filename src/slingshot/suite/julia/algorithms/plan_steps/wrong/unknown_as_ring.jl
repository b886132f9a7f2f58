function plan_steps(needs)
    order = String[]
    waiting = sort(collect(keys(needs)))
    while !isempty(waiting)
        next = findfirst(name -> all(in(order), needs[name]), waiting)
        next === nothing && throw(ArgumentError("steps cannot be ordered"))
        push!(order, waiting[next])
        deleteat!(waiting, next)
    end
    return order
end
