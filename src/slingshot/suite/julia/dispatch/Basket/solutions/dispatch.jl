struct Basket
    pieces::Dict{String,Int}
end

# A basket grows by one pair, or by all of another basket.
function put!(basket::Basket, item::Pair)
    article, n = item
    n < 1 && throw(ArgumentError("pieces must be at least 1, not $n"))
    basket.pieces[article] = basket[article] + n
    return basket
end

function put!(basket::Basket, other::Basket)
    foreach(item -> put!(basket, item), other.pieces)
    return basket
end

function Basket(items::Pair...)
    basket = Basket(Dict{String,Int}())
    foreach(item -> put!(basket, item), items)
    return basket
end

Base.getindex(basket::Basket, article) = get(basket.pieces, article, 0)
Base.length(basket::Basket) = sum(values(basket.pieces))
Base.:+(a::Basket, b::Basket) = put!(put!(Basket(), a), b)
Base.:(==)(a::Basket, b::Basket) = a.pieces == b.pieces
