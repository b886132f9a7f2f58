function plan_steps(needs)
    waiting = sort(collect(needs); by=first)
    for (_, before) in waiting, name in before
        haskey(needs, name) || throw(KeyError(name))
    end
    order = String[]
    while !isempty(waiting)
        place = findfirst(((_, before),) -> all(name -> name in order, before), waiting)
        place === nothing && throw(ArgumentError("$(first(waiting[1])) can never be done"))
        push!(order, first(splice!(waiting, place)))
    end
    return order
end
