using Statistics
function drop_spikes(values, limit)
    isempty(values) && return copy(values)
    center = median(values)
    keep = findall(v -> abs(v - center) <= limit, values)
    return values[keep]
end
