# Every height is given to all the cells that it reaches.
function smooth_grid(grid, reach)
    rows, columns = size(grid)
    totals = zeros(rows, columns)
    counts = zeros(Int, rows, columns)
    for i in 1:rows, j in 1:columns
        height = grid[i, j]
        height === missing && continue
        rs = max(1, i - reach):min(rows, i + reach)
        cs = max(1, j - reach):min(columns, j + reach)
        totals[rs, cs] .+= height
        counts[rs, cs] .+= 1
    end
    return map((total, n) -> n > 0 ? total / n : missing, totals, counts)
end
