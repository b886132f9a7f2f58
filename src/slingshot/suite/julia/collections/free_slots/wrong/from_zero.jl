free_slots(used, n) = [slot for slot in 0:n if !(slot in used)]
