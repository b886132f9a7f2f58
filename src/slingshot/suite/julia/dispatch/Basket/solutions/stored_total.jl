# The number of all pieces is kept beside them.
struct Basket
    pieces::Dict{String,Int}
    total::Int

    function Basket(items::Pair...)
        pieces = Dict{String,Int}()
        total = 0
        for (article, n) in items
            n >= 1 || throw(ArgumentError("fewer than one piece of $article"))
            pieces[article] = get(pieces, article, 0) + n
            total += n
        end
        return new(pieces, total)
    end
end

Base.getindex(basket::Basket, article) = get(basket.pieces, article, 0)
Base.length(basket::Basket) = basket.total
Base.:+(a::Basket, b::Basket) = Basket(a.pieces..., b.pieces...)
Base.:(==)(a::Basket, b::Basket) = a.total == b.total && a.pieces == b.pieces
