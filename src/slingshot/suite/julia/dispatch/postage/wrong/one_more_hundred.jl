abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

postage(letter::Letter) = letter.grams <= 50 ? 95 : 160
postage(parcel::Parcel) = 500 + 20 * (parcel.grams ÷ 100 + 1) + 300 * parcel.insured
postage(items::Vector{<:Mail}) = mapreduce(postage, +, items; init=0)
