struct Basket
    pieces::Dict{String,Int}

    function Basket(items::Pair...)
        any(item -> last(item) < 1, items) && throw(ArgumentError("at least one piece is needed"))
        return new(Dict(items...))
    end
end

Base.getindex(basket::Basket, article) = get(basket.pieces, article, 0)
Base.length(basket::Basket) = sum(values(basket.pieces))
Base.:+(a::Basket, b::Basket) = Basket(mergewith(+, a.pieces, b.pieces)...)
Base.:(==)(a::Basket, b::Basket) = a.pieces == b.pieces
