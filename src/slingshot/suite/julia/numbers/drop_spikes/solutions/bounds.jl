using Statistics
function drop_spikes(values, limit)
    isempty(values) && return copy(values)
    center = median(values)
    low, high = center - limit, center + limit
    return values[low .<= values .<= high]
end
