using Statistics
function visit!(group, sensor, linked)
    sensor in group && return group
    push!(group, sensor)
    for other in findall(linked[:, sensor])
        visit!(group, other, linked)
    end
    return group
end

function sensor_groups(readings, limit)
    linked = abs.(cor(readings)) .>= limit
    groups = Vector{Int}[]
    for sensor in axes(readings, 2)
        any(group -> sensor in group, groups) && continue
        push!(groups, sort(visit!(Int[], sensor, linked)))
    end
    return groups
end
