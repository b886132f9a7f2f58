function pick_lots(lots, orders)
    left = [lot.amount for lot in lots]
    result = Vector{Pair{Int,Int}}[]
    for (item, wanted) in orders
        trial = copy(left)
        taken = Pair{Int,Int}[]
        for (i, lot) in enumerate(lots)
            if lot.item == item && trial[i] > 0 && wanted > 0
                amount = min(trial[i], wanted)
                push!(taken, lot.id => amount)
                trial[i] -= amount
                wanted -= amount
            end
        end
        # Only an order that got everything leaves its mark.
        if wanted == 0
            left = trial
            push!(result, taken)
        else
            push!(result, Pair{Int,Int}[])
        end
    end
    return result
end
