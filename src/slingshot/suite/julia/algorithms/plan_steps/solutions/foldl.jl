function next_step(order, needs)
    left = setdiff(keys(needs), order)
    ready = filter(name -> issubset(needs[name], order), collect(left))
    isempty(ready) && throw(ArgumentError("steps wait for each other"))
    return minimum(ready)
end

function plan_steps(needs)
    foreach(before -> getindex.(Ref(needs), before), values(needs))
    return foldl(1:length(needs); init=String[]) do order, _
        push!(order, next_step(order, needs))
    end
end
