using Statistics
function sensor_groups(readings, limit)
    sensors = axes(readings, 2)
    joined = abs.(cor(readings)) .>= limit
    for via in sensors, a in sensors, b in sensors
        if joined[a, via] && joined[via, b]
            joined[a, b] = true
        end
    end
    groups = Vector{Int}[]
    for sensor in sensors
        group = [other for other in sensors if other == sensor || joined[sensor, other]]
        group in groups || push!(groups, group)
    end
    return groups
end
