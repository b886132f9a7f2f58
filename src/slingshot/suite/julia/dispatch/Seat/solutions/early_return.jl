struct Seat
    row::Int
    letter::Char
end

Base.show(io::IO, seat::Seat) = print(io, string(seat.row) * seat.letter)

function Base.isless(left::Seat, right::Seat)
    left.row == right.row || return left.row < right.row
    return left.letter < right.letter
end

function adjacent(left::Seat, right::Seat)
    if left.row == right.row
        return left.letter + 1 == right.letter || left.letter - 1 == right.letter
    end
    return false
end
