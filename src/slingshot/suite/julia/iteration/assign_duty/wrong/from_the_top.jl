function assign_duty(isfree, names, days)
    return map(days) do day
        place = findfirst(name -> isfree(name, day), names)
        day => (place === nothing ? nothing : names[place])
    end
end
