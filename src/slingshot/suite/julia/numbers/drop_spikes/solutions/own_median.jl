using Statistics: middle

"""
    drop_spikes(values, limit)

The readings that are at most `limit` away from the median.
"""
function drop_spikes(values, limit)
    n = length(values)
    n == 0 && return values
    sorted = sort(values)
    center = isodd(n) ? sorted[(n+1)÷2] : middle(sorted[n÷2], sorted[n÷2+1])
    return filter(v -> abs(center - v) <= limit, values)
end
