abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

postage(letter::Letter) = letter.grams > 50 ? 160 : 95

function postage(parcel::Parcel)
    price = parcel.insured ? 800 : 500
    left = parcel.grams
    while left > 0
        price += 20
        left -= 100
    end
    return price
end

function postage(items::Vector{<:Mail})
    total, i = 0, 1
    while i <= length(items)
        total += postage(items[i])
        i += 1
    end
    return total
end
