using Statistics
function sensor_groups(readings, limit)
    n = size(readings, 2)
    label = collect(1:n)
    for i in 1:n, j in i+1:n
        if cor(readings[:, i], readings[:, j]) >= limit
            label[label .== label[j]] .= label[i]
        end
    end
    return sort([findall(==(l), label) for l in unique(label)])
end
