"""
    window_change(values, k)

The change from each value to the one `k` places later.
"""
function window_change(values, k)
    pairs = zip(values, Iterators.drop(values, k))
    return (later - earlier for (earlier, later) in pairs) |> collect
end
