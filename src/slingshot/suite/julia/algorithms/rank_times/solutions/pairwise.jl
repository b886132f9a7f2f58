"""
    rank_times(times)

The place of every time; in each pair of runners the slower one moves down by one.
"""
function rank_times(times)
    places = ones(Int, length(times))
    for i in eachindex(times), j in eachindex(times)
        times[i] > times[j] && (places[i] += 1)
    end
    return places
end
