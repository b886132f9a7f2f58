function merge_feeds(a, b; by=identity)
    rest = Iterators.Stateful(b)
    # All of b that belongs before x, lazily.
    function before(x)
        smaller(_) = !isempty(rest) && by(peek(rest)) < by(x)
        return (popfirst!(rest) for _ in Iterators.takewhile(smaller, Iterators.repeated(nothing)))
    end
    up_to_each = Iterators.flatten(Iterators.flatten((before(x), (x,))) for x in a)
    return Iterators.flatten((up_to_each, rest))
end
