function plan_steps(needs)
    for (name, before) in needs, b in before
        b in keys(needs) || throw(KeyError(b))
    end
    waiting = sort(collect(keys(needs)))
    order = String[]
    i = 1
    while i <= length(waiting)
        if all(in(order), needs[waiting[i]])
            push!(order, waiting[i])
            deleteat!(waiting, i)
            i = 1
        else
            i += 1
        end
    end
    isempty(waiting) || throw(ArgumentError("left over: $(join(waiting, ", "))"))
    return order
end
