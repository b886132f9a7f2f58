function follow_stock(start, changes)
    levels = Int[]
    for change in changes
        start = max(start + change, 0)
        push!(levels, start)
    end
    return levels
end
