using Statistics
function drop_spikes(values, limit)
    isempty(values) && return Float64[]
    m = median(values)
    return [v for v in values if abs(v - m) <= limit]
end
