abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

const LIGHT_LETTER = 95
const HEAVY_LETTER = 160
const PARCEL = 500
const HUNDRED_GRAMS = 20
const INSURANCE = 300

postage(letter::Letter) = letter.grams > 50 ? HEAVY_LETTER : LIGHT_LETTER

function postage(parcel::Parcel)
    weight_price = HUNDRED_GRAMS * cld(parcel.grams, 100)
    return PARCEL + weight_price + (parcel.insured ? INSURANCE : 0)
end

function postage(mail::Vector{<:Mail})
    total = 0
    foreach(item -> total += postage(item), mail)
    return total
end
