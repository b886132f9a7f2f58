import Base: show, isless

struct Seat
    row::Int
    letter::Char
end

show(io::IO, seat::Seat) = print(io, "$(seat.row)$(seat.letter)")
isless(a::Seat, b::Seat) = isless((a.row, a.letter), (b.row, b.letter))

adjacent(a::Seat, b::Seat) =
    a.row == b.row && (a.letter + 1 == b.letter || b.letter + 1 == a.letter)
