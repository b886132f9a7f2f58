function find_shortages(stock, wanted)
    return filter(entry -> get(stock, entry.first, 0) < entry.second, wanted)
end
