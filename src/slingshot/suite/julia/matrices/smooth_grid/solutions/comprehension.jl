using Statistics
mean_of(heights) = isempty(heights) ? missing : mean(heights)

function smooth_grid(grid, reach)
    rows, columns = size(grid)
    near(i, last) = max(i - reach, 1):min(i + reach, last)
    return [mean_of(collect(skipmissing(grid[near(i, rows), near(j, columns)])))
            for i in 1:rows, j in 1:columns]
end
