function scale_columns(readings)
    scaled = zeros(size(readings))
    changing = [j for j in axes(readings, 2) if any(readings[:, j] .!= readings[1, j])]
    part = readings[:, changing]
    low = minimum(part; dims=1)
    scaled[:, changing] = (part .- low) ./ (maximum(part; dims=1) .- low)
    return scaled
end
