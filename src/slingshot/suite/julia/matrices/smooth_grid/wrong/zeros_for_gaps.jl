using Statistics
function smooth_grid(grid, reach)
    filled = coalesce.(grid, 0)
    rows, columns = size(grid)
    near(i, n) = max(1, i - reach):min(n, i + reach)
    return [mean(filled[near(i, rows), near(j, columns)]) for i in 1:rows, j in 1:columns]
end
