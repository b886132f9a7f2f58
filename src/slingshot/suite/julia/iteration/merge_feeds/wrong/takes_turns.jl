merge_feeds(a, b; by=identity) = Iterators.flatten(sort([x, y]; by=by) for (x, y) in zip(a, b))
