function assign_duty(isfree, names, days)
    last_place = 0
    duties = Pair[]
    for day in days
        free = [isfree(name, day) for name in names]
        place = findnext(free, last_place + 1)
        place === nothing && (place = findfirst(free))
        if place === nothing
            push!(duties, day => nothing)
        else
            push!(duties, day => names[place])
            last_place = place
        end
    end
    return duties
end
