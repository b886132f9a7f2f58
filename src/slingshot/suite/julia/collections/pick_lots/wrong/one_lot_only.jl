function pick_lots(lots, orders)
    left = Int[lot.amount for lot in lots]
    return map(orders) do (item, wanted)
        place = findfirst(i -> lots[i].item == item && left[i] >= wanted > 0, eachindex(lots))
        place === nothing && return []
        left[place] -= wanted
        return [lots[place].id => wanted]
    end
end
