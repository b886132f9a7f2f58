# One entry for each piece, sorted, so that equal baskets hold equal vectors.
struct Basket
    pieces::Vector{String}
end

function Basket(items::Pair...)
    pieces = String[]
    for (article, n) in items
        n < 1 && throw(ArgumentError("pieces must be at least 1"))
        append!(pieces, fill(article, n))
    end
    return Basket(sort!(pieces))
end

Base.getindex(basket::Basket, article) = count(==(article), basket.pieces)
Base.length(basket::Basket) = length(basket.pieces)
Base.:+(a::Basket, b::Basket) = Basket(sort(vcat(a.pieces, b.pieces)))
Base.:(==)(a::Basket, b::Basket) = a.pieces == b.pieces
