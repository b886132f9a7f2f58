function assign_duty(isfree, names, days)
    line = names
    duties = Pair[]
    for day in days
        place = findfirst(name -> isfree(name, day), line)
        if place === nothing
            push!(duties, day => nothing)
        else
            push!(duties, day => line[place])
            # Whoever comes right behind the name taken is first now.
            line = circshift(line, -place)
        end
    end
    return duties
end
