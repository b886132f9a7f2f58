struct Seat
    row::Int
    letter::Char
end

# Counts the seats of a row from 1.
place(seat::Seat) = seat.letter - 'A' + 1

Base.show(io::IO, seat::Seat) = print(io, seat.row, seat.letter)

function Base.isless(a::Seat, b::Seat)
    return (a.row, place(a)) < (b.row, place(b))
end

adjacent(a::Seat, b::Seat) = a.row == b.row && abs(place(a) - place(b)) == 1
