function scale_columns(readings)
    low = minimum(readings; dims=1)
    high = maximum(readings; dims=1)
    scaled = @. (readings - low) / float(high - low)
    return replace(scaled, NaN => 0.0)    # a constant column gave 0 / 0
end
