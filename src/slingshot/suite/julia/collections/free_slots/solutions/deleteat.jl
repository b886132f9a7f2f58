function free_slots(used, n)
    free = collect(1:n)
    occupied = sort(unique(used))
    return deleteat!(free, filter(in(free), occupied))
end
