function reading_windows(readings, width, step)
    windows = (collect(Iterators.take(Iterators.drop(readings, step * k), width)) for k in Iterators.countfrom(0))
    return Iterators.takewhile(window -> length(window) == width, windows)
end
