function smooth_grid(grid, reach)
    rows, columns = size(grid)
    result = zeros(rows, columns)
    for i in 1:rows, j in 1:columns
        square = grid[max(1, i-reach):min(rows, i+reach), max(1, j-reach):min(columns, j+reach)]
        heights = collect(skipmissing(square))
        result[i, j] = sum(heights) / length(heights)
    end
    return result
end
