function rank_times(times)
    place(time) = mapreduce(other -> other < time ? 1 : 0, +, times; init=1)
    return map(place, times)
end
