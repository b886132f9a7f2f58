function smooth_grid(grid, reach)
    result = similar(grid, Union{Missing,Float64})
    all_rows, all_columns = axes(grid)
    for j in all_columns, i in all_rows
        total = 0.0
        count = 0
        for c in intersect(all_columns, j-reach:j+reach)
            for r in intersect(all_rows, i-reach:i+reach)
                height = grid[r, c]
                ismissing(height) && continue
                total += height
                count += 1
            end
        end
        result[i, j] = count == 0 ? missing : total / count
    end
    return result
end
