function follow_stock(start, changes)
    levels = Int[]
    stock = start
    for change in changes
        stock + change < 0 && break
        stock += change
        push!(levels, stock)
    end
    return levels
end
