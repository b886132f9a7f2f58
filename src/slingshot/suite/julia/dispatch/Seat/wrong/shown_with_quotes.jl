struct Seat
    row::Int
    letter::Char
end

Base.show(io::IO, seat::Seat) = show(io, string(seat.row, seat.letter))
Base.isless(a::Seat, b::Seat) = (a.row, a.letter) < (b.row, b.letter)

adjacent(a::Seat, b::Seat) = a.row == b.row && abs(a.letter - b.letter) == 1
