using Statistics
function sensor_groups(readings, limit)
    n = size(readings, 2)
    label = collect(1:n)
    for i in 1:n, j in i+1:n
        linked = abs(cor(readings[:, i], readings[:, j])) >= limit
        if linked && label[i] != label[j]
            old, new = label[j], label[i]
            replace!(label, old => new)
        end
    end
    return [findall(==(name), label) for name in unique(label)]
end
