struct Seat
    row::Int
    letter::Char
end

Base.show(io::IO, seat::Seat) = print(io, seat.row, seat.letter)
Base.isless(a::Seat, b::Seat) = string(a) < string(b)

adjacent(a::Seat, b::Seat) = a.row == b.row && abs(a.letter - b.letter) == 1
