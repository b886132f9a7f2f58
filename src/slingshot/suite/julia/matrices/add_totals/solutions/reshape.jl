function add_totals(table)
    rows, columns = size(table)
    # Matrices are stored column by column: write the cells in that order.
    cells = eltype(table)[]
    for column in eachcol(table)
        append!(cells, column)
        push!(cells, sum(column))
    end
    for row in eachrow(reshape(copy(cells), rows + 1, columns))
        push!(cells, sum(row))
    end
    return reshape(cells, rows + 1, columns + 1)
end
