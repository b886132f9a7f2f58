function window_change(values, k)
    out = zeros(eltype(values), max(length(values) - k, 0))
    for i in eachindex(out)
        out[i] = values[i+k] - values[i]
    end
    return out
end
