function plan_steps(needs)
    for before in values(needs), name in before
        haskey(needs, name) || throw(KeyError(name))
    end
    left = Dict(name => length(unique(before)) for (name, before) in needs)
    ready = sort([name for (name, n) in left if n == 0])
    order = String[]
    while !isempty(ready)
        done = popfirst!(ready)
        push!(order, done)
        for (name, before) in needs
            done in before || continue
            left[name] -= 1
            if left[name] == 0
                insert!(ready, searchsortedfirst(ready, name), name)
            end
        end
    end
    length(order) < length(needs) && throw(ArgumentError("ring of steps"))
    return order
end
