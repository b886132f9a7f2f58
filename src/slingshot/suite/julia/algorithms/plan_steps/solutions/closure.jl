function plan_steps(needs)
    order = String[]
    is_done(name) = haskey(needs, name) ? name in order : throw(KeyError(name))
    foreach(before -> foreach(is_done, before), values(needs))

    function next_step()
        open = [name for name in keys(needs) if !is_done(name) && all(is_done, needs[name])]
        return isempty(open) ? throw(ArgumentError("no step can be next")) : minimum(open)
    end

    while length(order) < length(needs)
        push!(order, next_step())
    end
    return order
end
