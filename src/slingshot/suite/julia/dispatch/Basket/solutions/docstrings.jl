"""
    Basket(items::Pair...)

What somebody orders, as pairs of article and pieces.
"""
struct Basket
    pieces::Dict{String,Int}

    function Basket(items::Pair...)
        smallest = minimum((1, map(last, items)...))
        smallest < 1 && throw(ArgumentError("an order of $smallest pieces"))
        pieces = Dict{String,Int}()
        for (article, n) in items
            pieces[article] = get!(pieces, article, 0) + n
        end
        return new(pieces)
    end
end

"The pieces of one article."
Base.getindex(basket::Basket, article) = get(basket.pieces, article, 0)

"The pieces of all articles."
Base.length(basket::Basket) = sum(values(basket.pieces))

Base.:+(a::Basket, b::Basket) = Basket(pairs(a.pieces)..., pairs(b.pieces)...)

Base.:(==)(a::Basket, b::Basket) = a.pieces == b.pieces
Base.hash(basket::Basket, h::UInt) = hash(basket.pieces, h)
