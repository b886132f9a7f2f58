function rank_times(times)
    levels = sort(unique(times))
    runners = [count(==(level), times) for level in levels]
    first_place = 1 .+ cumsum(runners) .- runners
    return [first_place[searchsortedfirst(levels, time)] for time in times]
end
