function pick_lots(lots, orders)
    left = Int[lot.amount for lot in lots]

    function serve((item, wanted))
        own = [i for (i, lot) in enumerate(lots) if lot.item == item && left[i] > 0]
        taken = Pair{Int,Int}[]
        sum(left[own]) >= wanted || return taken
        for i in own
            wanted == 0 && break
            amount = min(wanted, left[i])
            left[i] -= amount
            wanted -= amount
            push!(taken, lots[i].id => amount)
        end
        return taken
    end

    return [serve(order) for order in orders]
end
