struct Merged{A,B,F}
    a::A
    b::B
    by::F
end

merge_feeds(a, b; by=identity) = Merged(a, b, by)

Base.IteratorSize(::Type{<:Merged}) = Base.SizeUnknown()

function Base.iterate(m::Merged, (x, y)=(iterate(m.a), iterate(m.b)))
    (x === nothing || y === nothing) && return nothing
    m.by(x[1]) <= m.by(y[1]) && return x[1], (iterate(m.a, x[2]), y)
    return y[1], (x, iterate(m.b, y[2]))
end
