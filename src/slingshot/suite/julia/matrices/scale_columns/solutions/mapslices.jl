function scale_columns(readings)
    return mapslices(readings; dims=1) do column
        low, high = extrema(column)
        low == high ? zeros(length(column)) : (column .- low) ./ (high - low)
    end
end
