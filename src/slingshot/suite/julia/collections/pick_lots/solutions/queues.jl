function pick_lots(lots, orders)
    queues = Dict{String,Vector{Pair{Int,Int}}}()
    for lot in lots
        push!(get!(queues, lot.item, Pair{Int,Int}[]), lot.id => lot.amount)
    end
    return map(orders) do (item, wanted)
        queue = get(queues, item, Pair{Int,Int}[])
        taken = Pair{Int,Int}[]
        sum(Int[amount for (_, amount) in queue]) < wanted && return taken
        while wanted > 0
            id, amount = popfirst!(queue)
            used = min(amount, wanted)
            used > 0 && push!(taken, id => used)
            # The rest of an opened lot goes back to the front.
            amount > used && pushfirst!(queue, id => amount - used)
            wanted -= used
        end
        return taken
    end
end
