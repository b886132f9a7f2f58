function pick_lots(lots, orders)
    served = Dict{String,Int}()
    picked = Vector{Pair{Int,Int}}[]
    for (item, wanted) in orders
        # Pieces of one item are numbered from the oldest on; this order gets those from `start + 1` to `stop`.
        start = get(served, item, 0)
        stop = start + wanted
        taken = Pair{Int,Int}[]
        offset = 0
        for lot in lots
            lot.item == item || continue
            amount = min(stop, offset + lot.amount) - max(start, offset)
            amount > 0 && push!(taken, lot.id => amount)
            offset += lot.amount
        end
        if offset < stop
            empty!(taken)
        else
            served[item] = stop
        end
        push!(picked, taken)
    end
    return picked
end
