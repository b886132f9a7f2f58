mutable struct Lot
    id::Int
    item::String
    amount::Int
end

"Take up to `wanted` from a lot and return how many that were."
function draw!(lot::Lot, wanted)
    amount = min(lot.amount, wanted)
    lot.amount -= amount
    return amount
end

function pick_lots(lots, orders)
    shelf = [Lot(lot.id, lot.item, lot.amount) for lot in lots]
    picked = Vector{Pair{Int,Int}}[]
    for (item, wanted) in orders
        taken = Pair{Int,Int}[]
        own = filter(lot -> lot.item == item, shelf)
        if sum(Int[lot.amount for lot in own]) >= wanted
            for lot in own
                amount = draw!(lot, wanted)
                wanted -= amount
                amount > 0 && push!(taken, lot.id => amount)
            end
        end
        push!(picked, taken)
    end
    return picked
end
