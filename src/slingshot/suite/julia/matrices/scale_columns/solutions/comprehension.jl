function scale_columns(readings)
    limits = [extrema(column) for column in eachcol(readings)]
    share(value, (low, high)) = low == high ? 0.0 : (value - low) / (high - low)
    return [share(readings[i, j], limits[j]) for i in axes(readings, 1), j in axes(readings, 2)]
end
