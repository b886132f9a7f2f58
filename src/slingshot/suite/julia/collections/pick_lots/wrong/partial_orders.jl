function pick_lots(lots, orders)
    left = [lot.amount for lot in lots]
    result = []
    for (item, wanted) in orders
        taken = []
        for (place, lot) in enumerate(lots)
            lot.item == item || continue
            amount = min(wanted, left[place])
            amount > 0 && push!(taken, lot.id => amount)
            left[place] -= amount
            wanted -= amount
        end
        push!(result, taken)
    end
    return result
end
