function window_change(values, k)
    length(values) <= k && return eltype(values)[]
    return [values[k+1] - values[1]; window_change(values[2:end], k)]
end
