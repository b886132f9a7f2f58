function rank_times(times)
    levels = sort(unique(times))
    return [findfirst(==(time), levels) for time in times]
end
