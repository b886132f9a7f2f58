rank_times(times) = [count(<=(time), times) for time in times]
