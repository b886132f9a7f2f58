struct Seat
    row::Int
    letter::Char
end

Base.show(io::IO, s::Seat) = write(io, string(s.row), s.letter)
Base.isless(a::Seat, b::Seat) = a.row < b.row || (a.row == b.row && a.letter < b.letter)

adjacent(a::Seat, b::Seat) = a.row == b.row && a.letter - b.letter in (-1, 1)
