using Statistics
function smooth_grid(grid, reach)
    rows, columns = size(grid)
    result = Matrix{Union{Missing,Float64}}(grid)
    for i in 1+reach:rows-reach, j in 1+reach:columns-reach
        heights = collect(skipmissing(grid[i-reach:i+reach, j-reach:j+reach]))
        result[i, j] = isempty(heights) ? missing : mean(heights)
    end
    return result
end
