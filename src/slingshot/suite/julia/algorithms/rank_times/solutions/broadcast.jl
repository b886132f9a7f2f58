function rank_times(times)
    faster(time) = sum(times .< time)
    return 1 .+ faster.(times)
end
