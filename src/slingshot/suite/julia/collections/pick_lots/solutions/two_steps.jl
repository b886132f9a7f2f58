"How much an order takes from each place of the shelf; nothing at all if it cannot be served."
function plan(amounts, wanted)
    takes = zeros(Int, length(amounts))
    wanted > sum(amounts) && return takes
    for (i, amount) in enumerate(amounts)
        takes[i] = min(amount, wanted)
        wanted -= takes[i]
    end
    return takes
end

function pick_lots(lots, orders)
    left = Int[lot.amount for lot in lots]
    return map(orders) do (item, wanted)
        on_offer = Int[lot.item == item ? n : 0 for (lot, n) in zip(lots, left)]
        takes = plan(on_offer, wanted)
        left .-= takes
        [lots[i].id => takes[i] for i in findall(>(0), takes)]
    end
end
