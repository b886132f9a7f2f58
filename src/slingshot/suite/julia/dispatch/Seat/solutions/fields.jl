struct Seat
    row::Int
    letter::Char
end

# The fields stand in the order in which they count.
fields(seat::Seat) = (getfield(seat, name) for name in fieldnames(Seat))

Base.show(io::IO, seat::Seat) = join(io, fields(seat))

function Base.isless(a::Seat, b::Seat)
    for (x, y) in zip(fields(a), fields(b))
        x == y || return x < y
    end
    return false
end

function adjacent(a::Seat, b::Seat)
    steps = a.letter > b.letter ? a.letter - b.letter : b.letter - a.letter
    return a.row == b.row && steps == 1
end
