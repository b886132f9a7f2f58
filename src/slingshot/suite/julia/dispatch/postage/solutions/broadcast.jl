abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

postage(letter::Letter) = ifelse(letter.grams > 50, 160, 95)
postage(parcel::Parcel) = 500 + cld(parcel.grams, 100) * 20 + parcel.insured * 300

function postage(items::Vector{T}) where {T<:Mail}
    prices = postage.(items)
    return isempty(prices) ? 0 : sum(prices)
end
