struct FeedMerge
    a
    b
    by
end

merge_feeds(a, b; by=identity) = FeedMerge(a, b, by)

Base.IteratorSize(::Type{FeedMerge}) = Base.SizeUnknown()

function Base.iterate(merge::FeedMerge)
    return iterate(merge, (Iterators.Stateful(merge.a), Iterators.Stateful(merge.b)))
end

function Base.iterate(merge::FeedMerge, (a, b))
    isempty(a) && isempty(b) && return nothing
    from_a = isempty(b) || (!isempty(a) && merge.by(peek(a)) <= merge.by(peek(b)))
    return popfirst!(from_a ? a : b), (a, b)
end
