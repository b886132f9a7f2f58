using Statistics
function drop_spikes(values, limit)
    isempty(values) && return values
    center = median(values)
    return filter!(v -> abs(v - center) <= limit, values)
end
