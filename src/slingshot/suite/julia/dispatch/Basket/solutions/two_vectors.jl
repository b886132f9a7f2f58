struct Basket
    articles::Vector{String}
    counts::Vector{Int}

    function Basket(items::Pair...)
        basket = new(String[], Int[])
        for (article, n) in items
            n >= 1 || throw(ArgumentError("a basket holds whole pieces, not $n"))
            i = findfirst(==(article), basket.articles)
            if i === nothing
                push!(basket.articles, article)
                push!(basket.counts, n)
            else
                basket.counts[i] += n
            end
        end
        return basket
    end
end

function Base.getindex(basket::Basket, article)
    i = findfirst(==(article), basket.articles)
    return i === nothing ? 0 : basket.counts[i]
end

Base.length(basket::Basket) = sum(basket.counts)

function Base.:+(a::Basket, b::Basket)
    articles = [a.articles; b.articles]
    counts = [a.counts; b.counts]
    return Basket(map(Pair, articles, counts)...)
end

function Base.:(==)(a::Basket, b::Basket)
    return Set(a.articles) == Set(b.articles) && all(x -> a[x] == b[x], a.articles)
end
