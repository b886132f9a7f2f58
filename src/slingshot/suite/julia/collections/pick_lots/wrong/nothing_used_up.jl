function pick_lots(lots, orders)
    return map(orders) do (item, wanted)
        own = filter(lot -> lot.item == item, lots)
        sum(Int[lot.amount for lot in own]) < wanted && return []
        taken = []
        for lot in own
            amount = min(lot.amount, wanted)
            amount > 0 && push!(taken, lot.id => amount)
            wanted -= amount
        end
        return taken
    end
end
