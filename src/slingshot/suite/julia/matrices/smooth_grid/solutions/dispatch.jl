mutable struct Average
    total::Float64
    count::Int
end

add!(average, ::Missing) = average
function add!(average, height::Real)
    average.total += height
    average.count += 1
    return average
end
value(average) = average.count == 0 ? missing : average.total / average.count

function smooth_grid(grid, reach)
    rows, columns = size(grid)
    averages = [Average(0, 0) for _ in 1:rows, _ in 1:columns]
    for i in 1:rows, j in 1:columns
        for r in max(1, i - reach):min(rows, i + reach), c in max(1, j - reach):min(columns, j + reach)
            add!(averages[i, j], grid[r, c])
        end
    end
    return value.(averages)
end
