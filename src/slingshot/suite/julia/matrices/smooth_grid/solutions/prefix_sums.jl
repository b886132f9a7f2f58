# Sums over all cells above and to the left, with a row and a column of zeros before them.
function corner_sums(values)
    sums = zeros(size(values) .+ 1)
    sums[2:end, 2:end] = cumsum(cumsum(values; dims=1); dims=2)
    return sums
end

function smooth_grid(grid, reach)
    rows, columns = size(grid)
    heights = corner_sums(coalesce.(grid, 0))
    counts = corner_sums(Int.(.!ismissing.(grid)))
    result = Matrix{Union{Missing,Float64}}(missing, rows, columns)
    for i in 1:rows, j in 1:columns
        top, bottom = max(i - reach, 1), min(i + reach, rows) + 1
        left, right = max(j - reach, 1), min(j + reach, columns) + 1
        within(s) = s[bottom, right] - s[top, right] - s[bottom, left] + s[top, left]
        n = within(counts)
        n > 0 && (result[i, j] = within(heights) / n)
    end
    return result
end
