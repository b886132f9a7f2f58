function scale_columns(readings)
    low, high = extrema(readings)
    low == high && return zeros(size(readings))
    return (readings .- low) ./ (high - low)
end
