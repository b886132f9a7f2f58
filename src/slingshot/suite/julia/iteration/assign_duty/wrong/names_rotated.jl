function assign_duty(isfree, names, days)
    duties = Pair[]
    for day in days
        place = findfirst(name -> isfree(name, day), names)
        if place === nothing
            push!(duties, day => nothing)
        else
            push!(duties, day => names[place])
            append!(names, splice!(names, 1:place))
        end
    end
    return duties
end
