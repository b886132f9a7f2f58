function pick_lots(lots, orders)
    left = Int[lot.amount for lot in lots]
    return map(orders) do (item, wanted)
        own = findall(lot -> lot.item == item, lots)
        sum(left[own]) < wanted && return Pair{Int,Int}[]
        # What the lots before each one hold is taken before it.
        before = cumsum(left[own]) .- left[own]
        taken = clamp.(wanted .- before, 0, left[own])
        left[own] .-= taken
        return [lots[i].id => n for (i, n) in zip(own, taken) if n > 0]
    end
end
