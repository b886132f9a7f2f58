using Statistics
isspike(v, center, limit) = abs(v - center) > limit
function drop_spikes(values, limit)
    length(values) == 0 && return values
    return values[.!isspike.(values, median(values), limit)]
end
