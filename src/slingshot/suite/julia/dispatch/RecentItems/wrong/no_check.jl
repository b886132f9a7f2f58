struct RecentItems{T}
    items::Vector{T}
    n::Int
end

RecentItems{T}(n) where {T} = RecentItems{T}(T[], n)

function Base.push!(recent::RecentItems, item)
    pushfirst!(recent.items, item)
    length(recent.items) > recent.n && pop!(recent.items)
    return recent
end

Base.length(recent::RecentItems) = length(recent.items)
Base.eltype(::Type{RecentItems{T}}) where {T} = T
Base.iterate(recent::RecentItems, state...) = iterate(recent.items, state...)
