function add_totals(table)
    rows = [vcat(row, sum(row)) for row in eachrow(table)]
    push!(rows, reduce(+, rows))
    return permutedims(hcat(rows...))
end
