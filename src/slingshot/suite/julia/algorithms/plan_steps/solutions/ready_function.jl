function check_names(needs)
    for before in values(needs)
        foreach(name -> needs[name], before)
    end
end

is_ready(name, needs, order) = !(name in order) && issubset(needs[name], order)

function plan_steps(needs)
    check_names(needs)
    order = String[]
    while length(order) < length(needs)
        candidates = filter(name -> is_ready(name, needs, order), collect(keys(needs)))
        if isempty(candidates)
            throw(ArgumentError("steps that need each other cannot be ordered"))
        end
        push!(order, minimum(candidates))
    end
    return order
end
