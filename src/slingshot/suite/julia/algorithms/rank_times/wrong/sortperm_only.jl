rank_times(times) = sortperm(times)
