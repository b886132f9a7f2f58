function free_slots(used, n)
    return collect(setdiff(Set(1:n), used))
end
