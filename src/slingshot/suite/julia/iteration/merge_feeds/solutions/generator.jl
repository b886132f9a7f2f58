function merge_feeds(a, b; by=identity)
    left, right = Iterators.Stateful(a), Iterators.Stateful(b)

    function next()
        isempty(left) && return popfirst!(right)
        isempty(right) && return popfirst!(left)
        return by(peek(right)) < by(peek(left)) ? popfirst!(right) : popfirst!(left)
    end

    more(_) = !isempty(left) || !isempty(right)
    return (next() for _ in Iterators.takewhile(more, Iterators.repeated(nothing)))
end
