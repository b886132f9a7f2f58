function merge_feeds(a, b; by=identity)
    function step((_, x, y), _)
        x === nothing && y === nothing && return (nothing, nothing, nothing)
        if y === nothing || (x !== nothing && by(x[1]) <= by(y[1]))
            return (Some(x[1]), iterate(a, x[2]), y)
        end
        return (Some(y[1]), x, iterate(b, y[2]))
    end

    start = (nothing, iterate(a), iterate(b))
    steps = Iterators.accumulate(step, Iterators.countfrom(); init=start)
    found = Iterators.takewhile(state -> state[1] !== nothing, steps)
    return (something(state[1]) for state in found)
end
