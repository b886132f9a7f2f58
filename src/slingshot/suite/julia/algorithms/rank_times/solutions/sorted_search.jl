function rank_times(times)
    sorted = sort(times)
    return [searchsortedfirst(sorted, time) for time in times]
end
