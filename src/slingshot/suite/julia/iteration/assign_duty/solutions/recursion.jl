function assign_duty(isfree, names, days)
    isempty(days) && return Pair[]
    day = first(days)
    place = findfirst(name -> isfree(name, day), names)
    if place === nothing
        return [day => nothing; assign_duty(isfree, names, days[2:end])]
    end
    turned = [names[place+1:end]; names[1:place]]
    return [day => names[place]; assign_duty(isfree, turned, days[2:end])]
end
