function handovers(staff)
    changes = Pair{String,String}[]
    for i in 2:length(staff)
        staff[i] == staff[i-1] || push!(changes, staff[i-1] => staff[i])
    end
    return changes
end
