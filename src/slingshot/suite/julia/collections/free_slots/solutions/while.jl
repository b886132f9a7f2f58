function free_slots(used, n)
    free = Int[]
    slot = 1
    while slot <= n
        if !(slot in used)
            push!(free, slot)
        end
        slot += 1
    end
    return free
end
