function free_slots(used, n)
    free = trues(n)
    for slot in used
        1 <= slot <= n && (free[slot] = false)
    end
    return findall(free)
end
