function scale_columns(readings)
    size(readings, 2) == 0 && return zeros(size(readings))
    column = readings[:, 1]
    low, high = extrema(column)
    first_scaled = low == high ? zeros(length(column)) : (column .- low) ./ (high - low)
    return [first_scaled scale_columns(readings[:, 2:end])]
end
