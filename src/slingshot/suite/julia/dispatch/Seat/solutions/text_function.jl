struct Seat
    row::Int
    letter::Char
end

label(seat) = string(seat.row, seat.letter)

Base.show(io::IO, seat::Seat) = print(io, label(seat))

function Base.isless(a::Seat, b::Seat)
    a.row < b.row && return true
    a.row > b.row && return false
    return a.letter < b.letter
end

adjacent(a, b) = a.row == b.row && abs(b.letter - a.letter) == 1
