"A feed and what comes next in it."
mutable struct Cursor
    feed
    next
end

Cursor(feed) = Cursor(feed, iterate(feed))

isdone(cursor) = cursor.next === nothing
head(cursor) = cursor.next[1]

function advance!(cursor)
    element, state = cursor.next
    cursor.next = iterate(cursor.feed, state)
    return element
end

struct MergedCursors
    a
    b
    by
end

merge_feeds(a, b; by=identity) = MergedCursors(a, b, by)

Base.IteratorSize(::Type{MergedCursors}) = Base.SizeUnknown()

function Base.iterate(m::MergedCursors, (a, b)=(Cursor(m.a), Cursor(m.b)))
    if isdone(a)
        isdone(b) && return nothing
        return advance!(b), (a, b)
    end
    later = !isdone(b) && m.by(head(b)) < m.by(head(a))
    return advance!(later ? b : a), (a, b)
end
