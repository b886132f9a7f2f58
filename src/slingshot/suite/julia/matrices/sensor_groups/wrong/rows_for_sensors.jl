using Statistics
function sensor_groups(readings, limit)
    linked = abs.(cor(readings; dims=2)) .>= limit
    n = size(linked, 1)
    label = collect(1:n)
    for i in 1:n, j in i+1:n
        linked[i, j] && (label[label .== label[j]] .= label[i])
    end
    return [findall(==(l), label) for l in unique(label)]
end
