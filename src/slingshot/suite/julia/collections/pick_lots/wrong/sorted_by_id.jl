function pick_lots(lots, orders)
    shelf = sort(lots; by=lot -> lot.id)
    left = Int[lot.amount for lot in shelf]
    return map(orders) do (item, wanted)
        places = findall(lot -> lot.item == item, shelf)
        sum(left[places]) < wanted && return []
        taken = []
        for place in places
            amount = min(left[place], wanted)
            amount > 0 && push!(taken, shelf[place].id => amount)
            left[place] -= amount
            wanted -= amount
        end
        return taken
    end
end
