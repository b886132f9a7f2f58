function draw_from!(left, lots, places, wanted)
    (wanted == 0 || isempty(places)) && return Pair{Int,Int}[]
    place = first(places)
    amount = min(left[place], wanted)
    left[place] -= amount
    rest = draw_from!(left, lots, places[2:end], wanted - amount)
    return amount > 0 ? pushfirst!(rest, lots[place].id => amount) : rest
end

function pick_lots(lots, orders)
    left = Int[lot.amount for lot in lots]
    picked = Vector{Pair{Int,Int}}[]
    for (item, wanted) in orders
        places = [i for i in eachindex(lots) if lots[i].item == item]
        enough = wanted <= sum(left[places])
        push!(picked, enough ? draw_from!(left, lots, places, wanted) : Pair{Int,Int}[])
    end
    return picked
end
