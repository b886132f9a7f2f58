struct Seat
    row::Int
    letter::Char
end

# Rows weigh more than any letter.
key(seat::Seat) = (seat.row, seat.letter)

Base.isless(a::Seat, b::Seat) = key(a) < key(b)
Base.print(io::IO, seat::Seat) = print(io, seat.row, seat.letter)

function adjacent(a::Seat, b::Seat)
    same_row = a.row == b.row
    gap = abs(Int(a.letter) - Int(b.letter))
    return same_row && gap == 1
end
