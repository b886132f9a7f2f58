function find_shortages(stock, wanted)
    shortages = Dict{String,Int}()
    for (item, amount) in wanted
        if haskey(stock, item) && stock[item] < amount
            shortages[item] = amount - stock[item]
        end
    end
    return shortages
end
