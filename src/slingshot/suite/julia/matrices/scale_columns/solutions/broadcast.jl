function scale_columns(readings)
    low = minimum(readings; dims=1)
    span = maximum(readings; dims=1) .- low
    # Where nothing changes, divide 0 by 1.
    return (readings .- low) ./ ifelse.(span .== 0, 1.0, span)
end
