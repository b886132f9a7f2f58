function scale_columns(readings)
    low = minimum(readings; dims=2)
    span = maximum(readings; dims=2) .- low
    return ifelse.(span .== 0, 0.0, (readings .- low) ./ span)
end
