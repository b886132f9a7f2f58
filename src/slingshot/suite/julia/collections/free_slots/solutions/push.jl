function free_slots(used, n)
    free = Int[]
    for slot in 1:n
        slot in used || push!(free, slot)
    end
    return free
end
