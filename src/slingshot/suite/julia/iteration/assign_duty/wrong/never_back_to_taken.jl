function assign_duty(isfree, names, days)
    taken = 0
    return map(days) do day
        circle = [taken+1:length(names); 1:taken-1]
        found = findfirst(place -> isfree(names[place], day), circle)
        found === nothing && return day => nothing
        taken = circle[found]
        return day => names[taken]
    end
end
