# Multiplying by a band of ones adds up neighbouring rows, and from the right neighbouring columns.
function smooth_grid(grid, reach)
    band(n) = [abs(i - k) <= reach ? 1 : 0 for i in 1:n, k in 1:n]
    rows, columns = size(grid)
    heights = coalesce.(grid, 0)
    present = Int.(.!ismissing.(grid))
    totals = band(rows) * heights * band(columns)
    counts = band(rows) * present * band(columns)
    return ifelse.(counts .== 0, missing, totals ./ counts)
end
