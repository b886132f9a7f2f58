function rank_times(times)
    isempty(times) && return Int[]
    slower = [mine > other for mine in times, other in times]
    return vec(sum(slower, dims=2)) .+ 1
end
