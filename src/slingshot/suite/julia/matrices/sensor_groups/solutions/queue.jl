using Statistics
function sensor_groups(readings, limit)
    n = size(readings, 2)
    strength = abs.(cor(readings))
    seen = falses(n)
    groups = Vector{Int}[]
    for start in 1:n
        seen[start] && continue
        seen[start] = true
        queue = [start]
        group = Int[]
        while !isempty(queue)
            sensor = popfirst!(queue)
            push!(group, sensor)
            for other in 1:n
                if !seen[other] && strength[sensor, other] >= limit
                    seen[other] = true
                    push!(queue, other)
                end
            end
        end
        push!(groups, sort!(group))
    end
    return groups
end
