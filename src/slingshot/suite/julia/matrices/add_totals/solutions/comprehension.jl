function add_totals(table)
    rows, columns = size(table)
    # A margin's index stands for the whole row or column.
    row_range(i) = i > rows ? (1:rows) : (i:i)
    column_range(j) = j > columns ? (1:columns) : (j:j)
    return [sum(table[row_range(i), column_range(j)]) for i in 1:rows+1, j in 1:columns+1]
end
