struct Seat
    row::Int
    letter::Char
end

parts(seat::Seat) = seat.row, seat.letter

function Base.show(io::IO, seat::Seat)
    row, letter = parts(seat)
    print(io, row, letter)
end

Base.isless(a::Seat, b::Seat) = isless(parts(a), parts(b))

function adjacent(a::Seat, b::Seat)
    (row_a, letter_a), (row_b, letter_b) = parts(a), parts(b)
    return row_a == row_b && abs(letter_a - letter_b) == 1
end
