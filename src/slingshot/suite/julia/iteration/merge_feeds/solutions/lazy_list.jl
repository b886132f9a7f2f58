struct Cell
    value
    rest::Function
end

"An iterable as a chain of cells; `nothing` is its end."
chain(feed, next=iterate(feed)) =
    next === nothing ? nothing : Cell(next[1], () -> chain(feed, iterate(feed, next[2])))

merged(a, ::Nothing, by) = a
merged(::Nothing, b::Cell, by) = b
function merged(a::Cell, b::Cell, by)
    if by(b.value) < by(a.value)
        return Cell(b.value, () -> merged(a, b.rest(), by))
    end
    return Cell(a.value, () -> merged(a.rest(), b, by))
end

struct Chain
    start::Union{Cell,Nothing}
end

Base.IteratorSize(::Type{Chain}) = Base.SizeUnknown()
Base.iterate(chain::Chain, cell=chain.start) = cell === nothing ? nothing : (cell.value, cell.rest())

merge_feeds(a, b; by=identity) = Chain(merged(chain(a), chain(b), by))
