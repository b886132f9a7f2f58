"Add `amount` to what `name` has so far."
function add!(totals, name, amount)
    totals[name] = get(totals, name, 0) + amount
    return totals
end

function order_totals(orders)
    totals = Dict{String,Int}()
    foreach(order -> add!(totals, order...), orders)
    return totals
end
