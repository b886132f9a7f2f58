window_change(values, k) =
    [values[i+k] - values[i] for i in 1:length(values)-k]
