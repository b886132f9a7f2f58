# The pairs are kept sorted by article, each article once.
struct Basket
    items::Vector{Pair{String,Int}}

    function Basket(given::Pair...)
        any(((article, n),) -> n < 1, given) && throw(ArgumentError("fewer than one piece"))
        articles = sort(unique(String[first(item) for item in given]))
        total(article) = sum(last(item) for item in given if first(item) == article)
        return new(Pair{String,Int}[article => total(article) for article in articles])
    end
end

function Base.getindex(basket::Basket, article)
    place = findfirst(item -> first(item) == article, basket.items)
    return place === nothing ? 0 : last(basket.items[place])
end

Base.length(basket::Basket) = mapreduce(last, +, basket.items; init=0)
Base.:+(a::Basket, b::Basket) = Basket(a.items..., b.items...)
Base.:(==)(a::Basket, b::Basket) = a.items == b.items
