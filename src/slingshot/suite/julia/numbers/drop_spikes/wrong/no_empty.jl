using Statistics
function drop_spikes(values, limit)
    center = median(values)
    return [v for v in values if abs(v - center) <= limit]
end
