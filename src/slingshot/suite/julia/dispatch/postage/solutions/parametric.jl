abstract type Mail end

struct Letter{T<:Integer} <: Mail
    grams::T
end

struct Parcel{T<:Integer} <: Mail
    grams::T
    insured::Bool
end

postage(letter::Letter) = letter.grams > 50 ? 160 : 95
postage(parcel::Parcel) = 500 + 20 * cld(parcel.grams, 100) + 300 * parcel.insured

function postage(items::AbstractVector{<:Mail})
    cents = 0
    for i in eachindex(items)
        cents += postage(items[i])
    end
    return cents
end
