function pick_lots(lots, orders)
    start = (Vector{Pair{Int,Int}}[], Int[lot.amount for lot in lots])
    picked, _ = foldl(orders; init=start) do (picked, left), (item, wanted)
        own = findall(lot -> lot.item == item, lots)
        taken = Pair{Int,Int}[]
        if sum(left[own]) >= wanted
            for i in own
                amount = min(left[i], wanted - sum(Int[n for (_, n) in taken]))
                amount > 0 && push!(taken, lots[i].id => amount)
                left[i] -= amount
            end
        end
        (push!(picked, taken), left)
    end
    return picked
end
