using Statistics
function drop_spikes(values, limit)
    isempty(values) && return values
    m = median(values)
    return filter(v -> abs(v - m) <= limit, values)
end
