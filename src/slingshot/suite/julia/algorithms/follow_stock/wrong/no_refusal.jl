follow_stock(start, changes) = start .+ cumsum(changes)
