struct Basket
    pieces::Dict{String,Int}

    function Basket(items::Pair...)
        foreach(items) do (article, n)
            n < 1 && throw(ArgumentError("$article: pieces must be at least 1"))
        end
        pieces = Dict{String,Int}(article => 0 for (article, _) in items)
        foreach(items) do (article, n)
            pieces[article] += n
        end
        return new(pieces)
    end
end

function Base.getindex(basket::Basket, article)
    get(basket.pieces, article) do
        0
    end
end

Base.length(basket::Basket) = reduce(+, values(basket.pieces); init=0)

function Base.:+(a::Basket, b::Basket)
    return Basket(Iterators.flatten((a.pieces, b.pieces))...)
end

Base.:(==)(a::Basket, b::Basket) = a.pieces == b.pieces
