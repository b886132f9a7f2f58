function window_change(values, k)
    late = values[k+1:end]
    early = values[1:end-k]
    return late .- early
end
