struct Seat
    row::Int
    letter::Char
end

Base.show(io::IO, seat::Seat) = join(io, (seat.row, seat.letter))

function Base.isless(a::Seat, b::Seat)
    by_row = cmp(a.row, b.row)
    return by_row == 0 ? cmp(a.letter, b.letter) < 0 : by_row < 0
end

function adjacent(a::Seat, b::Seat)
    first_letter, second_letter = minmax(a.letter, b.letter)
    return a.row == b.row && second_letter == first_letter + 1
end
