"""The place of one runner: behind all who were faster."""
place(time, times) = 1 + length([other for other in times if other < time])

function rank_times(times)
    return [place(time, times) for time in times]
end
