"Merges any number of feeds."
struct Merger{F}
    feeds::Vector{Any}
    by::F
end

merge_feeds(a, b; by=identity) = Merger(Any[a, b], by)

Base.IteratorSize(::Type{<:Merger}) = Base.SizeUnknown()

function Base.iterate(merger::Merger, heads=Any[iterate(feed) for feed in merger.feeds])
    waiting = findall(!isnothing, heads)
    isempty(waiting) && return nothing
    # findmin gives the first one among equals.
    _, place = findmin([merger.by(heads[i][1]) for i in waiting])
    chosen = waiting[place]
    element, state = heads[chosen]
    heads = copy(heads)
    heads[chosen] = iterate(merger.feeds[chosen], state)
    return element, heads
end
