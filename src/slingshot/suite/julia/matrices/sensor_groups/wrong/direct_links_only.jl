using Statistics
function sensor_groups(readings, limit)
    strength = abs.(cor(readings))
    left = collect(axes(readings, 2))
    groups = Vector{Int}[]
    while !isempty(left)
        sensor = popfirst!(left)
        linked = filter(other -> strength[sensor, other] >= limit, left)
        setdiff!(left, linked)
        push!(groups, [sensor; linked])
    end
    return groups
end
