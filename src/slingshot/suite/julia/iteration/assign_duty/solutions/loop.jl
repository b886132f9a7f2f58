function assign_duty(isfree, names, days)
    duties = Pair[]
    next = 1
    for day in days
        taken = nothing
        for step in 0:length(names)-1
            place = mod1(next + step, length(names))
            if isfree(names[place], day)
                taken = names[place]
                next = place + 1
                break
            end
        end
        push!(duties, day => taken)
    end
    return duties
end
