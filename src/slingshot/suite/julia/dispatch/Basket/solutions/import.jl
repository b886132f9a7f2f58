import Base: getindex, length, +, ==

struct Basket
    pieces::Dict{String,Int}
end

function Basket(items::Pair...)
    basket = Basket(Dict{String,Int}())
    for (article, n) in items
        n > 0 || throw(ArgumentError("pieces must be above 0"))
        basket.pieces[article] = basket[article] + n
    end
    return basket
end

getindex(basket::Basket, article) = get(basket.pieces, article, 0)
length(basket::Basket) = sum(values(basket.pieces))
+(a::Basket, b::Basket) = Basket(a.pieces..., b.pieces...)
==(a::Basket, b::Basket) = a.pieces == b.pieces
