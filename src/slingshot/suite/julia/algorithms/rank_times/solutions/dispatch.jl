is_faster(a::Real, b::Real) = a < b

place(time, times) = 1 + count(other -> is_faster(other, time), times)

rank_times(times) = [place(time, times) for time in times]
