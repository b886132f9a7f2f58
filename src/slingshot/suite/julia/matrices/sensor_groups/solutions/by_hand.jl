function correlation(x, y)
    dx = x .- sum(x) / length(x)
    dy = y .- sum(y) / length(y)
    return sum(dx .* dy) / sqrt(sum(dx .^ 2) * sum(dy .^ 2))
end

function sensor_groups(readings, limit)
    columns = collect(eachcol(readings))
    left = collect(1:length(columns))
    groups = Vector{Int}[]
    while !isempty(left)
        group = [popfirst!(left)]
        k = 1
        while k <= length(group)
            strength = [abs(correlation(columns[group[k]], columns[i])) for i in left]
            near = strength .>= limit    # NaN, of a constant column, is not
            append!(group, left[near])
            left = left[.!near]
            k += 1
        end
        push!(groups, sort(group))
    end
    return groups
end
