using Statistics
function drop_spikes(values, limit)
    isempty(values) && return values
    m = median(values)
    collect(Iterators.filter(v -> m - limit <= v <= m + limit, values))
end
