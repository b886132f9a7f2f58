struct KeyedMerge{A,B}
    a::A
    b::B
end

Base.IteratorSize(::Type{<:KeyedMerge}) = Base.SizeUnknown()

function Base.iterate(m::KeyedMerge, (x, y)=(iterate(m.a), iterate(m.b)))
    x === nothing && y === nothing && return nothing
    key((pair, _)) = pair.first
    if y === nothing || (x !== nothing && key(x) <= key(y))
        return x[1], (iterate(m.a, x[2]), y)
    end
    return y[1], (x, iterate(m.b, y[2]))
end

function merge_feeds(a, b; by=identity)
    # Every element travels with its number, which is worked out only once.
    keyed(feed) = (by(element) => element for element in feed)
    return (pair.second for pair in KeyedMerge(keyed(a), keyed(b)))
end
