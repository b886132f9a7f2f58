function free_slots(used, n)
    taken = Set(used)
    return filter(i -> i ∉ taken, 1:n)
end
