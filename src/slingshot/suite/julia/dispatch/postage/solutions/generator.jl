abstract type Mail end

struct Letter <: Mail
    grams::Integer
end

struct Parcel <: Mail
    grams::Integer
    insured::Bool
end

function postage(letter::Letter)
    letter.grams > 50 && return 160
    return 95
end

function postage(parcel::Parcel)
    hundreds = ceil(Int, parcel.grams / 100)
    return 500 + 20hundreds + (parcel.insured ? 300 : 0)
end

postage(items::AbstractVector{<:Mail}) =
    isempty(items) ? 0 : sum(postage(item) for item in items)
