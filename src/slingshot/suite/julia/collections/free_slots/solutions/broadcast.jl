function free_slots(used, n)
    slots = collect(1:n)
    return slots[.!in.(slots, Ref(used))]
end
