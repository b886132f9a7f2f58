function find_shortages(stock, wanted)
    return Dict(item => max(amount - get(stock, item, 0), 0) for (item, amount) in wanted)
end
