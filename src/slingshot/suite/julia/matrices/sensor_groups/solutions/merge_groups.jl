using Statistics
function sensor_groups(readings, limit)
    strength = abs.(cor(readings))
    groups = Vector{Int}[]
    for sensor in axes(readings, 2)
        is_linked(group) = any(other -> strength[sensor, other] >= limit, group)
        near = filter(is_linked, groups)
        far = filter(!is_linked, groups)
        merged = sort(vcat(near..., sensor))
        groups = push!(far, merged)
    end
    return sort(groups; by=first)
end
