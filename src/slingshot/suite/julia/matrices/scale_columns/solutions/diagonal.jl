using LinearAlgebra
function scale_columns(readings)
    low = minimum(readings; dims=1)
    span = vec(maximum(readings; dims=1) - low)
    factors = [s == 0 ? 0.0 : 1 / s for s in span]
    return (readings .- low) * Diagonal(factors)
end
