function assign_duty(isfree, names, days)
    result = Pair[]
    for (i, day) in enumerate(days)
        circle = circshift(names, 1 - i)
        free = filter(name -> isfree(name, day), circle)
        push!(result, day => (isempty(free) ? nothing : first(free)))
    end
    return result
end
