function assign_duty(isfree, names, days)
    duties, _ = foldl(days; init=(Pair[], names)) do (duties, line), day
        place = findfirst(name -> isfree(name, day), line)
        if place === nothing
            ([duties; day => nothing], line)
        else
            ([duties; day => line[place]], vcat(line[place+1:end], line[1:place]))
        end
    end
    return duties
end
