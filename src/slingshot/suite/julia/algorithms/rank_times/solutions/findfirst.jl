function rank_times(times)
    sorted = sort(times)
    return Int[findfirst(isequal(time), sorted) for time in times]
end
