function scale_columns(readings)
    low = minimum(readings; dims=1)
    high = maximum(readings; dims=1)
    return (readings .- low) ./ (high .- low)
end
