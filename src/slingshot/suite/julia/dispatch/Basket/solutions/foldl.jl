struct Basket
    pieces::Dict{String,Int}
end

function put(pieces, item)
    article, n = item
    n >= 1 || throw(ArgumentError("$article: $n is not a number of pieces"))
    return merge(pieces, Dict(article => get(pieces, article, 0) + n))
end

Basket(items::Pair...) = Basket(foldl(put, items; init=Dict{String,Int}()))

Base.getindex(basket::Basket, article) = get(basket.pieces, article, 0)
Base.length(basket::Basket) = foldl(+, values(basket.pieces); init=0)
Base.:+(a::Basket, b::Basket) = Basket(foldl(put, b.pieces; init=a.pieces))
Base.:(==)(a::Basket, b::Basket) = a.pieces == b.pieces
