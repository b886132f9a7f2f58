using Statistics
function drop_spikes(values, limit)
    kept = empty(values)
    isempty(values) && return kept
    center = median(values)
    i = 1
    while i <= length(values)
        if abs(values[i] - center) <= limit
            push!(kept, values[i])
        end
        i += 1
    end
    return kept
end
