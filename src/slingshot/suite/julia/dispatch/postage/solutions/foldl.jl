abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

function postage(letter::Letter)
    if letter.grams <= 50
        return 95
    else
        return 160
    end
end

function postage(parcel::Parcel)
    insurance = parcel.insured ? 300 : 0
    return 500 + insurance + 20 * cld(parcel.grams, 100)
end

postage(items::Vector{<:Mail}) =
    foldl((total, item) -> total + postage(item), items; init=0)
