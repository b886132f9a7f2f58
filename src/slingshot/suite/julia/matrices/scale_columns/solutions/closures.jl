# A function that scales the values of one column.
function scaler(column)
    low, high = extrema(column)
    low == high && return value -> 0.0
    return value -> (value - low) / (high - low)
end

function scale_columns(readings)
    result = similar(readings, Float64)
    for j in axes(readings, 2)
        result[:, j] = map(scaler(readings[:, j]), readings[:, j])
    end
    return result
end
