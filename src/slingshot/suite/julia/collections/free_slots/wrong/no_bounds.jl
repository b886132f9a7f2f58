function free_slots(used, n)
    taken = falses(n)
    for slot in used
        taken[slot] = true
    end
    return findall(.!taken)
end
