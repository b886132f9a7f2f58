struct InOrder{A,B,F}
    a::A
    b::B
    by::F
end

merge_feeds(a, b; by=identity) = InOrder(a, b, by)

Base.IteratorSize(::Type{<:InOrder}) = Base.SizeUnknown()

function Base.iterate(feeds::InOrder, state=(a=iterate(feeds.a), b=iterate(feeds.b)))
    state.a === nothing && state.b === nothing && return nothing
    use_a = state.b === nothing
    if state.a !== nothing && state.b !== nothing
        use_a = feeds.by(state.a[1]) <= feeds.by(state.b[1])
    end
    if use_a
        element, position = state.a
        return element, merge(state, (a=iterate(feeds.a, position),))
    else
        element, position = state.b
        return element, merge(state, (b=iterate(feeds.b, position),))
    end
end
