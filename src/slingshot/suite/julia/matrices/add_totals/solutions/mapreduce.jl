function add_totals(table)
    right = mapreduce(identity, +, table; dims=2)
    bottom = mapreduce(identity, +, table; dims=1)
    corner = reduce(+, bottom)
    return vcat(hcat(table, right), hcat(bottom, corner))
end
