function pick_lots(lots, orders)
    # Every single piece in the store is one entry: the id of its lot.
    pieces = Dict{String,Vector{Int}}()
    for lot in lots
        append!(get!(pieces, lot.item, Int[]), fill(lot.id, lot.amount))
    end
    picked = Vector{Pair{Int,Int}}[]
    for (item, wanted) in orders
        shelf = get(pieces, item, Int[])
        ids = wanted <= length(shelf) ? splice!(shelf, 1:wanted) : Int[]
        push!(picked, [id => count(==(id), ids) for id in unique(ids)])
    end
    return picked
end
