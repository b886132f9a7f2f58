function assign_duty(isfree, names, days)
    queue = copy(names)
    return map(days) do day
        for _ in 1:length(queue)
            name = popfirst!(queue)
            push!(queue, name)
            isfree(name, day) && return day => name
        end
        # A whole round leaves the queue as it was.
        return day => nothing
    end
end
