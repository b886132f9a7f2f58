function add_totals(table)
    last_row, last_column = size(table) .+ 1
    result = zeros(eltype(table), last_row, last_column)
    for (place, value) in pairs(IndexCartesian(), table)
        i, j = Tuple(place)
        result[[i, last_row], [j, last_column]] .+= value
    end
    return result
end
