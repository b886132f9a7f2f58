function rank_times(times)
    return [count(other < time for other in times) + 1 for time in times]
end
