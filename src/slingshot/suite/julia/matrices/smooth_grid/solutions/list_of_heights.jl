using Statistics
function smooth_grid(grid, reach)
    known = [(Tuple(cell), grid[cell]) for cell in findall(!ismissing, grid)]
    return map(CartesianIndices(grid)) do cell
        heights = [h for ((r, c), h) in known if abs(r - cell[1]) <= reach && abs(c - cell[2]) <= reach]
        isempty(heights) ? missing : mean(heights)
    end
end
