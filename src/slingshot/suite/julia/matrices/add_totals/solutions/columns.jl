function add_totals(table)
    with_sums = [vcat(column, sum(column)) for column in eachcol(table)]
    tall = reduce(hcat, with_sums)
    return hcat(tall, sum(tall; dims=2))
end
