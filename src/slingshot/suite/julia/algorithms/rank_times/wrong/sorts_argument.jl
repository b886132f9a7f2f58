function rank_times(times)
    original = copy(times)
    sort!(times)
    return [searchsortedfirst(times, time) for time in original]
end
