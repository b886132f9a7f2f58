function reading_windows(readings, width, step)
    (width < 1 || step < 1) && throw(ArgumentError("width and step must be positive"))
    windows = (collect(Iterators.take(Iterators.drop(readings, step * k), width)) for k in Iterators.countfrom(0))
    return Iterators.takewhile(!isempty, windows)
end
