function rank_times(times)
    start = ones(Int, length(times))
    return foldl((places, other) -> places .+ (times .> other), times; init=start)
end
