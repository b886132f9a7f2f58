function drop_spikes(values, limit)
    isempty(values) && return values
    center = sort(values)[length(values) ÷ 2 + 1]
    return filter(v -> abs(v - center) <= limit, values)
end
