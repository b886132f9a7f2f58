abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

insurance(insured::Bool) = insured ? 300 : 0
started_hundreds(grams) = cld(grams, 100)

postage(m::Letter) = m.grams > 50 ? 160 : 95
postage(m::Parcel) = 500 + 20 * started_hundreds(m.grams) + insurance(m.insured)

function postage(mail::AbstractVector{<:Mail})
    prices = Int[postage(m) for m in mail]
    return sum(prices)
end
