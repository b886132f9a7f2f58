using Statistics
# Every sensor takes over the smallest label around it, until nothing changes.
function sensor_groups(readings, limit)
    n = size(readings, 2)
    linked = abs.(cor(readings)) .>= limit
    labels = collect(1:n)
    while true
        around = [minimum([labels[i]; labels[linked[:, i]]]) for i in 1:n]
        around == labels && break
        labels = around
    end
    return [findall(==(label), labels) for label in sort(unique(labels))]
end
