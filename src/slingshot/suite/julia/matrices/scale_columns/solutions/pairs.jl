function scale_columns(readings)
    low = vec(minimum(readings; dims=1))
    high = vec(maximum(readings; dims=1))
    scaled = zeros(size(readings))
    for (place, value) in pairs(IndexCartesian(), readings)
        j = place[2]
        if high[j] > low[j]
            scaled[place] = (value - low[j]) / (high[j] - low[j])
        end
    end
    return scaled
end
