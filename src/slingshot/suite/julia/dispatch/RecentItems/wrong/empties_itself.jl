struct RecentItems{T}
    items::Vector{T}
    n::Int

    function RecentItems{T}(n) where {T}
        n < 1 && throw(ArgumentError("n must be at least 1"))
        return new{T}(T[], n)
    end
end

function Base.push!(recent::RecentItems, item)
    pushfirst!(recent.items, item)
    length(recent.items) > recent.n && pop!(recent.items)
    return recent
end

Base.length(recent::RecentItems) = length(recent.items)
Base.eltype(::Type{RecentItems{T}}) where {T} = T
Base.iterate(recent::RecentItems, state=nothing) =
    isempty(recent.items) ? nothing : (popfirst!(recent.items), nothing)
