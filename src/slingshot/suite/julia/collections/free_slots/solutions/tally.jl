function free_slots(used, n)
    # How often every number of the row occurs.
    counts = [count(==(slot), used) for slot in 1:n]
    return findall(iszero, counts)
end
