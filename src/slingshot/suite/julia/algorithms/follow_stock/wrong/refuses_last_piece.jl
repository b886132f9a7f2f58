function follow_stock(start, changes)
    levels = Int[]
    stock = start
    for change in changes
        if stock + change > 0
            stock += change
        end
        push!(levels, stock)
    end
    return levels
end
