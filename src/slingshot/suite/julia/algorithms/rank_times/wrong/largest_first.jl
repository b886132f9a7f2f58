rank_times(times) = [1 + count(>(time), times) for time in times]
