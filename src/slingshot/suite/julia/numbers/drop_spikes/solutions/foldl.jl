using Statistics
function drop_spikes(values, limit)
    isempty(values) && return values
    m = median(values)
    return foldl((kept, v) -> abs(v - m) > limit ? kept : push!(kept, v), values; init=empty(values))
end
