function rank_times(times)
    return map(times) do time
        faster = filter(other -> other < time, times)
        length(faster) + 1
    end
end
