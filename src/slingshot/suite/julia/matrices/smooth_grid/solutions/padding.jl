using Statistics
function smooth_grid(grid, reach)
    rows, columns = size(grid)
    padded = Matrix{Union{Missing,Float64}}(missing, rows + 2reach, columns + 2reach)
    padded[reach+1:reach+rows, reach+1:reach+columns] = grid
    result = similar(padded, rows, columns)
    for i in 1:rows, j in 1:columns
        # On the padded grid the square around (i, j) starts at (i, j).
        square = padded[i:i+2reach, j:j+2reach]
        result[i, j] = all(ismissing, square) ? missing : mean(skipmissing(square))
    end
    return result
end
