struct Basket
    pieces::Dict{String,Int}

    function Basket(items::Pair...)
        pieces = Dict{String,Int}()
        for (article, n) in items
            pieces[article] = get(pieces, article, 0) + n
        end
        any(n -> n < 1, values(pieces)) && throw(ArgumentError("at least one piece is needed"))
        return new(pieces)
    end
end

Base.getindex(basket::Basket, article) = get(basket.pieces, article, 0)
Base.length(basket::Basket) = sum(values(basket.pieces))
Base.:+(a::Basket, b::Basket) = Basket(a.pieces..., b.pieces...)
Base.:(==)(a::Basket, b::Basket) = a.pieces == b.pieces
