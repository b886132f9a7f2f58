function assign_duty(isfree, names, days)
    duties = Pair[]
    served = 0
    for day in days
        round = Iterators.take(Iterators.drop(Iterators.cycle(enumerate(names)), served), length(names))
        taken = nothing
        for (place, name) in round
            if isfree(name, day)
                taken, served = name, place
                break
            end
        end
        push!(duties, day => taken)
    end
    return duties
end
