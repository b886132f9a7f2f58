function scale_columns(readings)
    rows, columns = size(readings)
    scaled = zeros(rows, columns)
    for j in 1:columns
        low = minimum(readings[:, j])
        high = maximum(readings[:, j])
        high == low && continue
        for i in 1:rows
            scaled[i, j] = (readings[i, j] - low) / (high - low)
        end
    end
    return scaled
end
