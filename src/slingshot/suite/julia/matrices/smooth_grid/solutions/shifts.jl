function smooth_grid(grid, reach)
    rows, columns = size(grid)
    totals = zeros(rows, columns)
    counts = zeros(rows, columns)
    for down in -reach:reach, right in -reach:reach
        # The cells whose neighbour in this direction is on the grid.
        rs = max(1, 1 - down):min(rows, rows - down)
        cs = max(1, 1 - right):min(columns, columns - right)
        neighbours = view(grid, rs .+ down, cs .+ right)
        totals[rs, cs] .+= coalesce.(neighbours, 0)
        counts[rs, cs] .+= .!ismissing.(neighbours)
    end
    return [n == 0 ? missing : total / n for (total, n) in zip(totals, counts)]
end
