struct Merged{A,B,F}
    a::A
    b::B
    by::F
end

merge_feeds(a, b; by=identity) = Merged(a, b, by)

Base.IteratorSize(::Type{<:Merged}) = Base.SizeUnknown()

Base.iterate(m::Merged) = advance(m, iterate(m.a), iterate(m.b))
Base.iterate(m::Merged, state) = advance(m, state...)

"Give out the smaller one of what waits in both feeds."
function advance(m, x, y)
    if x === nothing && y === nothing
        return nothing
    elseif y === nothing || (x !== nothing && m.by(first(x)) <= m.by(first(y)))
        return first(x), (iterate(m.a, last(x)), y)
    else
        return first(y), (x, iterate(m.b, last(y)))
    end
end
