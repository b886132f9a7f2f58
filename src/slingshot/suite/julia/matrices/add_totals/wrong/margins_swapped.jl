function add_totals(table)
    tall = vcat(table, transpose(sum(table; dims=2)))
    return hcat(tall, sum(tall; dims=1))
end
