function scale_columns(readings)
    scaled = zero(readings)
    for j in axes(readings, 2)
        low, high = extrema(readings[:, j])
        low == high && continue
        for i in axes(readings, 1)
            scaled[i, j] = div(readings[i, j] - low, high - low)
        end
    end
    return float(scaled)
end
