using Statistics
function smooth_grid(grid, reach)
    result = Matrix{Union{Missing,Float64}}(grid)
    rows, columns = size(grid)
    for i in 1:rows, j in 1:columns
        square = result[max(1, i-reach):min(rows, i+reach), max(1, j-reach):min(columns, j+reach)]
        heights = collect(skipmissing(square))
        result[i, j] = isempty(heights) ? missing : mean(heights)
    end
    return result
end
