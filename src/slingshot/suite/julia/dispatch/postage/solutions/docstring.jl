abstract type Mail end

struct Letter <: Mail
    grams::Int
end

struct Parcel <: Mail
    grams::Int
    insured::Bool
end

"""
    postage(item)
    postage(items)

The price in cents of one item of mail, or of a whole vector.
"""
function postage end

postage(item::Letter) = item.grams > 50 ? 160 : 95

function postage(item::Parcel)
    full, rest = divrem(item.grams, 100)
    started = rest > 0 ? full + 1 : full
    return 500 + 20 * started + 300 * item.insured
end

postage(items::Vector{<:Mail}) = isempty(items) ? 0 : sum(map(postage, items))
