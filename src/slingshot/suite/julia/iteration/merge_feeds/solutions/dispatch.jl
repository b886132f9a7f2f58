struct MergedFeeds{A,B,F}
    a::A
    b::B
    by::F
end

merge_feeds(a, b; by=identity) = MergedFeeds(a, b, by)

Base.IteratorSize(::Type{<:MergedFeeds}) = Base.SizeUnknown()

Base.iterate(m::MergedFeeds, state=(iterate(m.a), iterate(m.b))) = take_next(m, state...)

take_next(m, ::Nothing, ::Nothing) = nothing
take_next(m, x, ::Nothing) = take_a(m, x, nothing)
take_next(m, ::Nothing, y) = take_b(m, nothing, y)
take_next(m, x, y) = m.by(x[1]) <= m.by(y[1]) ? take_a(m, x, y) : take_b(m, x, y)

take_a(m, x, y) = (x[1], (iterate(m.a, x[2]), y))
take_b(m, x, y) = (y[1], (x, iterate(m.b, y[2])))
