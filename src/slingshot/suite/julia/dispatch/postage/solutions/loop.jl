abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

postage(l::Letter) = l.grams <= 50 ? 95 : 160

function postage(p::Parcel)
    price = 500 + 20 * cld(p.grams, 100)
    if p.insured
        price += 300
    end
    return price
end

function postage(items::Vector{<:Mail})
    total = 0
    for item in items
        total += postage(item)
    end
    return total
end
