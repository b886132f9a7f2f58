function reading_windows(readings, width, step)
    (width < 1 || step < 1) && throw(ArgumentError("width and step must be positive"))
    return Iterators.filter(window -> length(window) == width, Iterators.partition(readings, width))
end
