struct Basket
    pieces::Dict{String,Int}
end

function Basket(items::Pair{String,<:Integer}...)
    all(item -> last(item) >= 1, items) || throw(ArgumentError("pieces must be positive"))
    return Basket(mergewith(+, Dict{String,Int}(), map(Dict, items)...))
end

Base.getindex(basket::Basket, article) = get(basket.pieces, article, 0)
Base.length(basket::Basket) = sum(values(basket.pieces))
Base.:+(a::Basket, b::Basket) = Basket(mergewith(+, a.pieces, b.pieces))
Base.:(==)(a::Basket, b::Basket) = a.pieces == b.pieces
