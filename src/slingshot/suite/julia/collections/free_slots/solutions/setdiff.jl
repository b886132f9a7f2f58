free_slots(used, n) =
    setdiff(1:n, used)
