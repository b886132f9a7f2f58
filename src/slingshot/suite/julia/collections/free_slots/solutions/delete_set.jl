function free_slots(used, n)
    free = Set(1:n)
    foreach(slot -> delete!(free, slot), used)
    return sort(collect(free))
end
