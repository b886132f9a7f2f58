function merge_feeds(a, b; by=identity)
    first_feed, second_feed = Iterators.Stateful(a), Iterators.Stateful(b)
    more = Iterators.takewhile(_ -> !isempty(first_feed) || !isempty(second_feed), Iterators.repeated(nothing))
    function next()
        isempty(second_feed) && return popfirst!(first_feed)
        isempty(first_feed) && return popfirst!(second_feed)
        return popfirst!(peek(first_feed) <= peek(second_feed) ? first_feed : second_feed)
    end
    return (next() for _ in more)
end
