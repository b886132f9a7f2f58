# Every reading from the (k + 1)-th on has a partner k places before it.
window_change(values, k) =
    [late - values[i-k] for (i, late) in enumerate(values) if i > k]
