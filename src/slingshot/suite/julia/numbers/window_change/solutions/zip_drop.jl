function window_change(values, k)
    later = Iterators.drop(values, k)
    return [b - a for (a, b) in zip(values, later)]
end
