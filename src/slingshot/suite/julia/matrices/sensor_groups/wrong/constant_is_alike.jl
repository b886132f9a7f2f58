using Statistics
function sensor_groups(readings, limit)
    # a constant sensor has no correlation: NaN
    linked = .!(abs.(cor(readings)) .< limit)
    n = size(linked, 1)
    label = collect(1:n)
    for i in 1:n, j in i+1:n
        linked[i, j] && (label[label .== label[j]] .= label[i])
    end
    return [findall(==(l), label) for l in unique(label)]
end
