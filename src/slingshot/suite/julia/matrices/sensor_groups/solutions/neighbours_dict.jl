using Statistics
function sensor_groups(readings, limit)
    n = size(readings, 2)
    neighbours = Dict(i => Int[] for i in 1:n)
    for i in 1:n-1, j in i+1:n
        if abs(cor(view(readings, :, i), view(readings, :, j))) >= limit
            push!(neighbours[i], j)
            push!(neighbours[j], i)
        end
    end
    groups = Vector{Int}[]
    while !isempty(neighbours)
        stack = [minimum(keys(neighbours))]
        group = Int[]
        while !isempty(stack)
            sensor = pop!(stack)
            haskey(neighbours, sensor) || continue    # it was here before
            push!(group, sensor)
            append!(stack, pop!(neighbours, sensor))
        end
        push!(groups, sort(group))
    end
    return groups
end
