function add_totals(table)
    rows, columns = size(table)
    result = zeros(rows + 1, columns + 1)
    result[1:rows, 1:columns] = table
    result[1:rows, end] = sum(table; dims=2)
    result[end, :] = sum(result; dims=1)
    return result
end
