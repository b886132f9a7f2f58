function plan_steps(needs, order=String[])
    for name in Iterators.flatten(values(needs))
        haskey(needs, name) || throw(KeyError(name))
    end
    left = sort(setdiff(collect(keys(needs)), order))
    isempty(left) && return order
    next = findfirst(name -> needs[name] ⊆ order, left)
    next === nothing && throw(ArgumentError("ring: $(join(left, ", "))"))
    return plan_steps(needs, [order; left[next]])
end
