"A seat in a numbered row, such as 12C."
struct Seat
    row::Int
    letter::Char
end

function Base.show(io::IO, seat::Seat)
    text = "$(seat.row)$(seat.letter)"
    print(io, text)
end

"Seats are sorted from front to back, then from left to right."
function Base.isless(a::Seat, b::Seat)
    return isequal(a.row, b.row) ? isless(a.letter, b.letter) : isless(a.row, b.row)
end

"Whether two seats are next to each other."
function adjacent(a::Seat, b::Seat)
    return isequal(a.row, b.row) && isone(abs(a.letter - b.letter))
end
