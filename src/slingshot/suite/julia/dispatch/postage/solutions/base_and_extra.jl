abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

# Every kind of mail has a base price and what its weight and its options add.
base(::Letter) = 95
base(::Parcel) = 500

extra(letter::Letter) = letter.grams > 50 ? 65 : 0
extra(parcel::Parcel) = 20 * cld(parcel.grams, 100) + 300 * parcel.insured

postage(item::Mail) = base(item) + extra(item)
postage(items::Vector{<:Mail}) = mapreduce(postage, +, items; init=0)
