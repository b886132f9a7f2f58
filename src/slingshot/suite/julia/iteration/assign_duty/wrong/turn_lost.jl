function assign_duty(isfree, names, days)
    next = 1
    duties = Pair[]
    for day in days
        found = nothing
        for _ in names
            name = names[next]
            next = mod1(next + 1, length(names))
            if isfree(name, day)
                found = name
                break
            end
            found = nothing
        end
        found === nothing && !isempty(names) && (next = mod1(next + 1, length(names)))
        push!(duties, day => found)
    end
    return duties
end
