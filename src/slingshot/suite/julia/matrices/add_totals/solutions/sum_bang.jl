function add_totals(table)
    rows, columns = size(table)
    result = similar(table, rows + 1, columns + 1)
    copyto!(view(result, 1:rows, 1:columns), table)
    sum!(view(result, 1:rows, columns + 1), view(result, 1:rows, 1:columns))
    sum!(view(result, rows+1:rows+1, :), view(result, 1:rows, :))
    return result
end
