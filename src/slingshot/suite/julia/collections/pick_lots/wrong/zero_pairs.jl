function pick_lots(lots, orders)
    left = Int[lot.amount for lot in lots]
    return map(orders) do (item, wanted)
        places = findall(lot -> lot.item == item, lots)
        sum(left[places]) < wanted && return []
        taken = []
        for place in places
            amount = min(left[place], wanted)
            push!(taken, lots[place].id => amount)
            left[place] -= amount
            wanted -= amount
        end
        return taken
    end
end
