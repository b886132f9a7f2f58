with_row_totals(table) = [table sum(table; dims=2)]
with_column_totals(table) = [table; sum(table; dims=1)]

add_totals(table) = table |> with_row_totals |> with_column_totals
