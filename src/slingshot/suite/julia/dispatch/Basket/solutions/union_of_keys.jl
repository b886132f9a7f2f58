struct Basket
    pieces::Dict{String,Int}

    Basket(pieces::Dict{String,Int}) = new(pieces)

    function Basket(items::Pair...)
        pieces = Dict{String,Int}()
        for item in items
            article, n = item
            if n < 1
                throw(ArgumentError("there must be at least one piece of $article"))
            end
            pieces[article] = n + get(pieces, article, 0)
        end
        return new(pieces)
    end
end

articles(basket::Basket) = keys(basket.pieces)

Base.getindex(basket::Basket, article) = get(basket.pieces, article, 0)
Base.length(basket::Basket) = sum(Int[basket[article] for article in articles(basket)])

function Base.:+(a::Basket, b::Basket)
    both = union(articles(a), articles(b))
    return Basket(Dict{String,Int}(article => a[article] + b[article] for article in both))
end

function Base.:(==)(a::Basket, b::Basket)
    return all(article -> a[article] == b[article], union(articles(a), articles(b)))
end
