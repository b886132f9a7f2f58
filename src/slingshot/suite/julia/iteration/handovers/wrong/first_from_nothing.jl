function handovers(staff)
    changes = []
    before = nothing
    for name in staff
        name == before || push!(changes, before => name)
        before = name
    end
    return changes
end
