function add_totals(table)
    rows, columns = size(table)
    result = zeros(eltype(table), rows + 1, columns + 1)
    for j in 1:columns, i in 1:rows
        value = table[i, j]
        result[i, j] = value
        result[i, columns+1] += value
        result[rows+1, j] += value
        result[rows+1, columns+1] += value
    end
    return result
end
