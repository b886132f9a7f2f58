function pick_lots(lots, orders)
    left = Int[lot.amount for lot in lots]
    picked = Vector{Pair{Int,Int}}[]
    for order in orders
        item, wanted = order
        mine = [lot.item == item for lot in lots]
        taken = Pair{Int,Int}[]
        if wanted <= sum(left[mine])
            i = 1
            while wanted > 0
                if mine[i] && left[i] > 0
                    amount = min(left[i], wanted)
                    push!(taken, lots[i].id => amount)
                    left[i] -= amount
                    wanted -= amount
                end
                i += 1
            end
        end
        push!(picked, taken)
    end
    return picked
end
