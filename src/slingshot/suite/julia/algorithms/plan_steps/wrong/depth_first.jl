function plan_steps(needs)
    order = String[]
    open = Set{String}()
    function visit(name)
        name in order && return
        name in open && throw(ArgumentError("ring at $name"))
        push!(open, name)
        foreach(visit, sort(needs[name]))
        push!(order, name)
    end
    foreach(visit, sort(collect(keys(needs))))
    return order
end
