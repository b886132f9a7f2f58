function scale_columns(readings)
    scaled = zeros(size(readings))
    for j in axes(readings, 2)
        highest = maximum(readings[:, j])
        if minimum(readings[:, j]) < highest
            scaled[:, j] = readings[:, j] ./ highest
        end
    end
    return scaled
end
