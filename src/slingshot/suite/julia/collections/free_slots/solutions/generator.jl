function free_slots(used, n)
    taken = Set(used)
    isfree(slot) = !(slot in taken)
    return collect(Iterators.filter(isfree, 1:n))
end
