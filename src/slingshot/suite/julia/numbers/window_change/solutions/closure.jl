function window_change(values, k)
    change(i) = values[i+k] - values[i]
    starts = 1:(length(values) - k)
    return change.(starts)
end
