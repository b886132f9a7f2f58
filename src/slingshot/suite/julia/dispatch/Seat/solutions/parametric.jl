struct Seat{T<:Integer}
    row::T
    letter::Char
end

Base.show(io::IO, seat::Seat) = print(io, seat.row, seat.letter)
Base.isless(a::Seat, b::Seat) = a.row != b.row ? a.row < b.row : a.letter < b.letter

function adjacent(a::Seat, b::Seat)
    if a.row != b.row
        return false
    end
    return a.letter == b.letter + 1 || a.letter == b.letter - 1
end
