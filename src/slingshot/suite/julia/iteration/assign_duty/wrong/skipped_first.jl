function assign_duty(isfree, names, days)
    line = copy(names)
    return map(days) do day
        place = findfirst(name -> isfree(name, day), line)
        place === nothing && return day => nothing
        name = line[place]
        deleteat!(line, place)
        push!(line, name)
        return day => name
    end
end
