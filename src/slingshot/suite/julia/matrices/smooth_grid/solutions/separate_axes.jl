function near_sums(values, reach)
    result = zeros(size(values))
    n = size(values, 1)
    for i in 1:n
        result[i, :] = sum(values[max(1, i - reach):min(n, i + reach), :]; dims=1)
    end
    return result
end

# Add up along the columns, turn the matrix over, and add up along the rows.
function square_sums(values, reach)
    by_column = near_sums(values, reach)
    return permutedims(near_sums(permutedims(by_column), reach))
end

function smooth_grid(grid, reach)
    totals = square_sums(coalesce.(grid, 0), reach)
    counts = square_sums(.!ismissing.(grid), reach)
    return [counts[k] == 0 ? missing : totals[k] / counts[k] for k in CartesianIndices(grid)]
end
