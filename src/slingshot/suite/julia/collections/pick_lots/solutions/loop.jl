function pick_lots(lots, orders)
    left = [lot.amount for lot in lots]
    picked = Vector{Pair{Int,Int}}[]
    for (item, wanted) in orders
        available = 0
        for i in eachindex(lots)
            if lots[i].item == item
                available += left[i]
            end
        end
        taken = Pair{Int,Int}[]
        if available >= wanted
            for i in eachindex(lots)
                amount = lots[i].item == item ? min(left[i], wanted) : 0
                if amount > 0
                    push!(taken, lots[i].id => amount)
                    left[i] -= amount
                    wanted -= amount
                end
            end
        end
        push!(picked, taken)
    end
    return picked
end
