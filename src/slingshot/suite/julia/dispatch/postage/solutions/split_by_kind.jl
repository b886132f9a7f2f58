abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

is_heavy(letter::Letter) = letter.grams > 50

postage(letter::Letter) = is_heavy(letter) ? 160 : 95
postage(parcel::Parcel) = 500 + 20 * cld(parcel.grams, 100) + 300 * parcel.insured

function postage(items::AbstractVector{<:Mail})
    letters = filter(item -> item isa Letter, items)
    parcels = filter(item -> item isa Parcel, items)
    heavy = count(is_heavy, letters)
    light = length(letters) - heavy
    return 95 * light + 160 * heavy + mapreduce(postage, +, parcels; init=0)
end
