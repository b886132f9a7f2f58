struct Basket
    pieces::Dict{String,Int}

    function Basket(items::Pair...)
        pieces = Dict{String,Int}()
        for (article, n) in items
            n < 1 && throw(ArgumentError("number of pieces must be positive"))
            if haskey(pieces, article)
                pieces[article] += n
            else
                pieces[article] = n
            end
        end
        new(pieces)
    end
end

Base.getindex(basket::Basket, article) =
    haskey(basket.pieces, article) ? basket.pieces[article] : 0

function Base.length(basket::Basket)
    total = 0
    for n in values(basket.pieces)
        total += n
    end
    return total
end

Base.:+(a::Basket, b::Basket) = Basket(vcat(collect(a.pieces), collect(b.pieces))...)
Base.:(==)(a::Basket, b::Basket) = a.pieces == b.pieces
