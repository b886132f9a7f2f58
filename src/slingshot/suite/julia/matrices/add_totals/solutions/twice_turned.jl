add_column(table) = hcat(table, sum(table; dims=2))

function add_totals(table)
    wide = add_column(table)
    return permutedims(add_column(permutedims(wide)))
end
