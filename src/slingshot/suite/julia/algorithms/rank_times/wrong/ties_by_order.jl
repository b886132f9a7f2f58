rank_times(times) = invperm(sortperm(times))
