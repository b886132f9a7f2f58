function plan_steps(needs)
    names = sort(collect(keys(needs)))
    done = Dict(name => false for name in names)
    order = String[]
    for _ in names
        # Every need is looked up, so that unknown names are noticed at once.
        ready = [name for name in names if !done[name] & all([done[b] for b in needs[name]])]
        isempty(ready) && throw(ArgumentError("steps form a ring"))
        done[ready[1]] = true
        push!(order, ready[1])
    end
    return order
end
