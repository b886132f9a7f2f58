using Statistics

# A test for readings within `limit` of `center`.
within(center, limit) = v -> abs(v - center) <= limit

function drop_spikes(values, limit)
    isempty(values) && return empty(values)
    return filter(within(median(values), limit), values)
end
