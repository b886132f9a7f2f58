function assign_duty(isfree, names, days)
    n = length(names)
    served = 0
    return map(days) do day
        free = filter(place -> isfree(names[place], day), 1:n)
        isempty(free) && return day => nothing
        # The free person who is the fewest places ahead in the circle.
        ahead = [mod(place - served - 1, n) for place in free]
        served = free[argmin(ahead)]
        return day => names[served]
    end
end
