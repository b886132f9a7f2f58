function add_totals(table)
    column_totals = sum(table; dims=1)
    row_totals = sum(table; dims=2)
    grand_total = sum(column_totals) + sum(row_totals)
    return [table row_totals; column_totals grand_total]
end
