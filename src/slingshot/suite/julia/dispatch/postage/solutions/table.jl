abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

# Pairs of the highest weight and the price up to it.
const LETTER_PRICES = [50 => 95, typemax(Int) => 160]

function postage(letter::Letter)
    for (highest, price) in LETTER_PRICES
        letter.grams <= highest && return price
    end
end

postage(parcel::Parcel) = 500 + 20 * length(1:100:parcel.grams) + 300 * parcel.insured
postage(items::AbstractVector{<:Mail}) = reduce(+, map(postage, items); init=0)
