free_slots(used, n) =
    findall(!in(used), 1:n)
