using Statistics
function smooth_grid(grid, reach)
    rows, columns = size(grid)
    result = Matrix{Union{Missing,Float64}}(missing, rows, columns)
    for i in 1:rows, j in 1:columns
        heights = Float64[]
        for r in max(1, i - reach):min(rows, i + reach), c in max(1, j - reach):min(columns, j + reach)
            ismissing(grid[r, c]) || push!(heights, grid[r, c])
        end
        isempty(heights) || (result[i, j] = mean(heights))
    end
    return result
end
