struct Basket
    pieces::Dict{String,Int}

    function Basket(items::Pair...)
        pieces = Dict{String,Int}()
        for (article, n) in items
            n < 1 && throw(ArgumentError("at least one piece is needed"))
            pieces[article] = get(pieces, article, 0) + n
        end
        return new(pieces)
    end
end

Base.getindex(basket::Basket, article) = get(basket.pieces, article, 0)
Base.length(basket::Basket) = length(basket.pieces)
Base.:+(a::Basket, b::Basket) = Basket(a.pieces..., b.pieces...)
Base.:(==)(a::Basket, b::Basket) = a.pieces == b.pieces
