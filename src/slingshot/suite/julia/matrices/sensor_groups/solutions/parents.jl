using Statistics
function root(parent, i)
    while parent[i] != i
        i = parent[i]
    end
    return i
end

function sensor_groups(readings, limit)
    n = size(readings, 2)
    parent = collect(1:n)
    for i in 1:n, j in i+1:n
        if abs(cor(readings[:, i], readings[:, j])) >= limit
            a, b = minmax(root(parent, i), root(parent, j))
            parent[b] = a    # the smallest number leads its group
        end
    end
    leaders = filter(i -> parent[i] == i, 1:n)
    return [filter(i -> root(parent, i) == leader, 1:n) for leader in leaders]
end
