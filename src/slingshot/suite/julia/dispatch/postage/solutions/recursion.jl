abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

postage(letter::Letter) = letter.grams in 1:50 ? 95 : 160
postage(parcel::Parcel) = 500 + 20 * ((parcel.grams + 99) ÷ 100) + 300 * parcel.insured

function postage(items::AbstractVector{<:Mail})
    isempty(items) && return 0
    return postage(first(items)) + postage(items[2:end])
end
