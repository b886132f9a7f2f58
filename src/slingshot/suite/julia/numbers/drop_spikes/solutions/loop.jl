using Statistics
function drop_spikes(values, limit)
    kept = similar(values, 0)
    center = isempty(values) ? 0 : median(values)
    for v in values
        abs(v - center) <= limit && push!(kept, v)
    end
    return kept
end
