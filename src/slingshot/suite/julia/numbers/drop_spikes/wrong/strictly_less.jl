using Statistics
function drop_spikes(values, limit)
    isempty(values) && return values
    center = median(values)
    return [v for v in values if abs(v - center) < limit]
end
