function smooth_grid(grid, reach)
    rows, columns = size(grid)
    add((total, n), height) = ismissing(height) ? (total, n) : (total + height, n + 1)
    share((total, n)) = n == 0 ? missing : total / n
    return [share(foldl(add, view(grid, max(1, i-reach):min(rows, i+reach),
                                  max(1, j-reach):min(columns, j+reach)); init=(0.0, 0)))
            for i in 1:rows, j in 1:columns]
end
