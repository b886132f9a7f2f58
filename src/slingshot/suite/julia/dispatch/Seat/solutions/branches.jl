struct Seat
    row::Int
    letter::Char
end

function Base.show(io::IO, seat::Seat)
    print(io, seat.row)
    print(io, seat.letter)
end

function Base.isless(a::Seat, b::Seat)
    if a.row == b.row
        return a.letter < b.letter
    end
    return a.row < b.row
end

function adjacent(a::Seat, b::Seat)
    a.row == b.row || return false
    return abs(a.letter - b.letter) == 1
end
