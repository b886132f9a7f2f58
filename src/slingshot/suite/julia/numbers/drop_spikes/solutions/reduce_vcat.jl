using Statistics
function drop_spikes(values, limit)
    isempty(values) && return values
    center = median(values)
    parts = map(values) do v
        abs(v - center) > limit ? empty(values) : [v]
    end
    return reduce(vcat, parts)
end
