function free_slots(used, n)
    n < 1 && return Int[]
    free = free_slots(used, n - 1)
    return n in used ? free : push!(free, n)
end
