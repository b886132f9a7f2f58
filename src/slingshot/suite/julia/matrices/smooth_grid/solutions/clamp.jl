using Statistics
"The square of cells around `(i, j)` that lies on the grid."
function square(grid, i, j, reach)
    rows, columns = size(grid)
    top, bottom = clamp.((i - reach, i + reach), 1, rows)
    left, right = clamp.((j - reach, j + reach), 1, columns)
    return @view grid[top:bottom, left:right]
end

function smooth_grid(grid, reach)
    result = similar(grid, Union{Missing,Float64})
    for place in eachindex(IndexCartesian(), grid)
        heights = collect(skipmissing(square(grid, place[1], place[2], reach)))
        result[place] = length(heights) > 0 ? mean(heights) : missing
    end
    return result
end
