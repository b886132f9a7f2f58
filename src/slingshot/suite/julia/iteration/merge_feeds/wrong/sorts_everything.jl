merge_feeds(a, b; by=identity) = sort([collect(a); collect(b)]; by=by)
