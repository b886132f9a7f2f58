using Statistics
function sensor_groups(readings, limit)
    strength = abs.(cor(readings))
    left = Set(axes(readings, 2))
    groups = Vector{Int}[]
    while !isempty(left)
        group = Set(minimum(left))
        while true
            added = [s for s in setdiff(left, group) if any(strength[s, m] >= limit for m in group)]
            isempty(added) && break
            union!(group, added)
        end
        setdiff!(left, group)
        push!(groups, sort(collect(group)))
    end
    return groups
end
