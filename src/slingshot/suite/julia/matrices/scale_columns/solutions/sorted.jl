function scale_columns(readings)
    scaled = float(copy(readings))
    for j in 1:size(readings, 2)
        ordered = sort(readings[:, j])
        low, high = ordered[1], ordered[end]
        if low == high
            scaled[:, j] .= 0
        else
            scaled[:, j] = @. (readings[:, j] - low) / (high - low)
        end
    end
    return scaled
end
