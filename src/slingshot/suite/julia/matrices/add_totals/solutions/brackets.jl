function add_totals(table)
    row_totals = sum(table, dims=2)
    column_totals = sum(table, dims=1)
    return [table row_totals; column_totals sum(table)]
end
