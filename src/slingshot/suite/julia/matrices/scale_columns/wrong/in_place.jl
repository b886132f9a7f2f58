function scale_columns(readings)
    readings = convert(Matrix{Float64}, readings)
    for column in eachcol(readings)
        low, high = extrema(column)
        column .= low == high ? 0.0 : (column .- low) ./ (high - low)
    end
    return readings
end
