struct MergedRest
    by
    a
    b
end

merge_feeds(a, b; by=identity) = MergedRest(by, a, b)

Base.IteratorSize(::Type{MergedRest}) = Base.SizeUnknown()

# The state is the merge of what is left of both feeds.
function Base.iterate(m::MergedRest, left=m)
    x, y = iterate(left.a), iterate(left.b)
    x === nothing && y === nothing && return nothing
    if x === nothing || (y !== nothing && m.by(y[1]) < m.by(x[1]))
        return y[1], MergedRest(m.by, left.a, Iterators.rest(left.b, y[2]))
    end
    return x[1], MergedRest(m.by, Iterators.rest(left.a, x[2]), left.b)
end
