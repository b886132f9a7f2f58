function handovers(staff)
    names = collect(staff)
    changes = Pair{String,String}[]
    for i in 2:length(names)-1
        names[i-1] != names[i] && push!(changes, names[i-1] => names[i])
    end
    return changes
end
