struct Seat
    row::Int
    letter::Char
end

Base.print(io::IO, seat::Seat) = print(io, seat.row, seat.letter)

Base.isless(a::Seat, b::Seat) =
    a.row == b.row ? a.letter < b.letter : a.row < b.row

# The seats on both sides, whether they exist or not.
neighbours(seat::Seat) = [Seat(seat.row, seat.letter - 1), Seat(seat.row, seat.letter + 1)]

adjacent(a::Seat, b::Seat) = b in neighbours(a)
