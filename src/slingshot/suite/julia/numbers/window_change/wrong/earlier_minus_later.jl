function window_change(values, k)
    return [values[i] - values[i+k] for i in 1:length(values)-k]
end
