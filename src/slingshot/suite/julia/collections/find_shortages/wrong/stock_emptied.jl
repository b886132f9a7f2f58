function find_shortages(stock, wanted)
    shortages = Dict{String,Int}()
    for (item, amount) in wanted
        lacking = amount - pop!(stock, item, 0)
        lacking > 0 && (shortages[item] = lacking)
    end
    return shortages
end
