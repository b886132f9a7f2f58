using Statistics
function sensor_groups(readings, limit)
    n = size(readings, 2)
    groups = Vector{Int}[]
    for i in 1:n, j in i+1:n
        abs(cor(readings[:, i], readings[:, j])) >= limit || continue
        touched = filter(g -> i in g || j in g, groups)
        filter!(g -> !(g in touched), groups)
        push!(groups, sort(union([i, j], touched...)))
    end
    return sort(groups)
end
