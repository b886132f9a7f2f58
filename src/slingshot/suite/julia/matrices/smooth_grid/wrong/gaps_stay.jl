using Statistics
function smooth_grid(grid, reach)
    rows, columns = size(grid)
    near(i, n) = max(1, i - reach):min(n, i + reach)
    return [ismissing(grid[i, j]) ? missing :
            mean(skipmissing(grid[near(i, rows), near(j, columns)])) for i in 1:rows, j in 1:columns]
end
