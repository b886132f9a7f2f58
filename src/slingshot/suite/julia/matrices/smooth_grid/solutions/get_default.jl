using Statistics
function smooth_grid(grid, reach)
    reaching = -reach:reach
    return map(CartesianIndices(grid)) do cell
        i, j = Tuple(cell)
        # Past the border `get` finds the default, which is left out like a gap.
        square = [get(grid, (i + r, j + c), missing) for r in reaching for c in reaching]
        heights = filter(!ismissing, square)
        isempty(heights) ? missing : mean(heights)
    end
end
