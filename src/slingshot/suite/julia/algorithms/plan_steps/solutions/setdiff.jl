function plan_steps(needs)
    unknown = setdiff(reduce(vcat, values(needs); init=String[]), keys(needs))
    isempty(unknown) || throw(KeyError(first(unknown)))
    order = String[]
    waiting = Set(keys(needs))
    while !isempty(waiting)
        ready = filter(name -> isempty(setdiff(needs[name], order)), waiting)
        isempty(ready) && throw(ArgumentError("ring among $(join(sort(collect(waiting)), ", "))"))
        next = minimum(ready)
        push!(order, next)
        delete!(waiting, next)
    end
    return order
end
