using Statistics
function drop_spikes(values, limit)
    isempty(values) && return values
    return values[values .- median(values) .<= limit]
end
