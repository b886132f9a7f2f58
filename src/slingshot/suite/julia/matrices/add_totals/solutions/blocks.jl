function add_totals(table)
    rows, columns = size(table)
    result = zeros(eltype(table), rows + 1, columns + 1)
    result[1:rows, 1:columns] .= table
    result[1:rows, end] .= vec(sum(table; dims=2))
    result[end, :] .= vec(sum(result; dims=1))
    return result
end
