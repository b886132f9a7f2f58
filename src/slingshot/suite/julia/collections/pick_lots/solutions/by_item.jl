function pick_lots(lots, orders)
    picked = [Pair{Int,Int}[] for _ in orders]
    # Items do not get into each other's way, so each is dealt with by itself.
    for item in unique(first.(orders))
        own = filter(lot -> lot.item == item, lots)
        left = Int[lot.amount for lot in own]
        for (place, (name, wanted)) in enumerate(orders)
            (name == item && sum(left) >= wanted) || continue
            for (i, lot) in enumerate(own)
                amount = min(left[i], wanted)
                amount == 0 && continue
                push!(picked[place], lot.id => amount)
                left[i] -= amount
                wanted -= amount
            end
        end
    end
    return picked
end
