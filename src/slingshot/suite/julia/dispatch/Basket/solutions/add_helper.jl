struct Basket
    pieces::Dict{String,Int}
end

function add!(pieces, article, n)
    n < 1 && throw(ArgumentError("cannot put $n pieces of $article into a basket"))
    pieces[article] = get(pieces, article, 0) + n
    return pieces
end

function Basket(items::Pair...)
    pieces = Dict{String,Int}()
    for (article, n) in items
        add!(pieces, article, n)
    end
    return Basket(pieces)
end

function Base.:+(a::Basket, b::Basket)
    pieces = copy(a.pieces)
    for (article, n) in b.pieces
        add!(pieces, article, n)
    end
    return Basket(pieces)
end

Base.getindex(basket::Basket, article) = get(basket.pieces, article, 0)
Base.length(basket::Basket) = sum(values(basket.pieces))
Base.:(==)(a::Basket, b::Basket) = isequal(a.pieces, b.pieces)
