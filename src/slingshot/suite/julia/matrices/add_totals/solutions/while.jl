function add_totals(table)
    result = [table sum(table; dims=2)]
    totals = zeros(eltype(result), 1, size(result, 2))
    i = 1
    while i <= size(result, 1)
        totals .+= result[i:i, :]
        i += 1
    end
    return [result; totals]
end
