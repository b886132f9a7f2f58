function add_totals(table)
    rows, columns = size(table)
    return map(CartesianIndices((rows + 1, columns + 1))) do place
        i, j = place[1], place[2]
        if i <= rows && j <= columns
            table[i, j]
        elseif i <= rows
            sum(table[i, :])
        elseif j <= columns
            sum(table[:, j])
        else
            sum(table)
        end
    end
end
